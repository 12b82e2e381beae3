package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.rollout.RolloutState.Known;
import dev.heirloom.runtime.family.Digest;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** What a rollout knows only while it runs: nothing of this is persisted. */
final class LiveRollout {
  final LiveEvidence evidence = new LiveEvidence();
  final TwinTalks talks = new TwinTalks();
  private final Map<String, Sight> devices = new HashMap<>();
  private final Map<String, Member> members = new HashMap<>();

  /** Why it cannot do what it is about to; empty where it can. */
  String obstacle = "";

  private Instant since = Instant.EPOCH;

  /** It begins to look around. */
  void begin(Known known, Instant now) {
    since = now;
    talks.askAgain();
    devices.clear();
    remember(known);
    evidence.restart(known);
  }

  /** It is over. */
  void forget() {
    devices.clear();
    evidence.forget();
    obstacle = "";
  }

  void remember(Known known) {
    if (members.size() != known.members().size()) {
      known.members().forEach(member -> members.put(member.name(), member));
    }
  }

  /** A member stays one whatever labels it gets. */
  void learn(Known known, DeviceStatus status) {
    Member member = members.get(status.name());
    if (member != null) {
      talks.seen(status.name(), status.removed());
      evidence.learn(known, member, status);
    }
    boolean concerns = member != null || status.matches(known.plan().selector());
    if (concerns && !status.removed()) {
      devices.put(status.name(), Sight.of(status));
    } else {
      devices.remove(status.name());
    }
  }

  Observations seen(Known known, FamilyCatalogue catalogue, Instant now) {
    return new Observations(
        now,
        since,
        devices,
        talks.gone(),
        talks.refusals(),
        talks.released(),
        current(known, catalogue),
        catalogue.find(Digest.parse(known.plan().target())).map(PublishedFamily::ladder));
  }

  static String current(Known known, FamilyCatalogue catalogue) {
    return catalogue
        .current(known.plan().family())
        .map(family -> family.manifest().hex())
        .orElse("");
  }
}
