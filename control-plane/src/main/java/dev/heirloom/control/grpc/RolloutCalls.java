package dev.heirloom.control.grpc;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.rollout.Rollout;
import dev.heirloom.actors.rollout.RolloutPlan;
import dev.heirloom.actors.rollout.RolloutStatus;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.actors.view.Page;
import dev.heirloom.control.fleet.RolloutDesk;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.proto.v1.ListRolloutsResponse;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.javadsl.Source;

/** The calls of the {@code Fleet} service that are about rollouts. */
final class RolloutCalls {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PAGE = 1000;
  private static final String KIND = "rollout";

  private final RolloutDesk desk;
  private final DirectoryCatalogue catalogue;
  private final ReleaseDesk releases;
  private final ActorRef<FleetView.Command> view;
  private final ActorSystem<?> system;

  RolloutCalls(
      RolloutDesk desk,
      DirectoryCatalogue catalogue,
      ReleaseDesk releases,
      ActorRef<FleetView.Command> view,
      ActorSystem<?> system) {
    this.desk = desk;
    this.catalogue = catalogue;
    this.releases = releases;
    this.view = view;
    this.system = system;
  }

  CompletionStage<dev.heirloom.proto.v1.Rollout> create(RolloutSpec spec) {
    String name = Incoming.name("spec.name", spec.getName());
    requireKey();
    PublishedFamily target = target(spec);
    PublishedFamily previous = catalogue.current(target.name()).orElse(target);
    if (previous.equals(target)) {
      throw Failures.refused(
          "version %s of %s is the current one already; 'publish --hold' brings one that is not"
              .formatted(target.manifest().brief(), target.name()));
    }
    RolloutPlan plan = RolloutMessages.plan(spec, target, previous);
    return devices(plan.selector(), target.name(), "", new HashMap<>())
        .thenCompose(
            devices -> desk.ask(name, replyTo -> new Rollout.Create(plan, devices, replyTo)))
        .thenApply(RolloutMessages::rollout);
  }

  /** The way back needs a new release of the version before. */
  private void requireKey() {
    try {
      if (!releases.signs()) {
        throw Failures.refused(
            "this control plane has no release key, and could not bring devices back to the"
                + " version before");
      }
    } catch (IOException | MalformedException e) {
      throw new CompletionException(e);
    }
  }

  private PublishedFamily target(RolloutSpec spec) {
    String family = Incoming.name("spec.family", spec.getFamily());
    if (spec.getManifestSha256().isEmpty()) {
      return catalogue.latest(family).orElseThrow(() -> Failures.notFound("family", family));
    }
    var manifest = Incoming.digest("spec.manifest_sha256", spec.getManifestSha256());
    return catalogue
        .find(manifest)
        .filter(version -> version.name().equals(family))
        .orElseThrow(() -> Failures.notFound("version of " + family, manifest.hex()));
  }

  private CompletionStage<Map<String, String>> devices(
      Map<String, String> selector, String family, String after, Map<String, String> found) {
    return AskPattern.<FleetView.Command, Page>ask(
            view,
            replyTo -> new FleetView.ListDevices(selector, after, PAGE, replyTo),
            PATIENCE,
            system.scheduler())
        .thenCompose(
            page -> {
              for (DeviceStatus device : page.devices()) {
                if (device.family().filter(family::equals).isPresent()) {
                  found.put(device.name(), device.profile().deviceClass());
                }
              }
              return page.next().isEmpty()
                  ? CompletableFuture.completedStage(found)
                  : devices(selector, family, page.next(), found);
            });
  }

  /** Asks a rollout that exists; another name must not wake an entity. */
  CompletionStage<dev.heirloom.proto.v1.Rollout> ask(
      String name, Function<ActorRef<StatusReply<RolloutStatus>>, Rollout.Command> command) {
    String checked = Incoming.name("name", name);
    if (desk.rollout(checked).isEmpty()) {
      throw Failures.notFound(KIND, checked);
    }
    return desk.ask(checked, command).thenApply(RolloutMessages::rollout);
  }

  ListRolloutsResponse list() {
    ListRolloutsResponse.Builder answer = ListRolloutsResponse.newBuilder();
    desk.rollouts().forEach(rollout -> answer.addRollouts(RolloutMessages.brief(rollout)));
    return answer.build();
  }

  Source<dev.heirloom.proto.v1.Rollout, NotUsed> watch(String name) {
    String checked = name.isEmpty() ? name : Incoming.name("name", name);
    if (!checked.isEmpty() && desk.rollout(checked).isEmpty()) {
      throw Failures.notFound(KIND, checked);
    }
    return desk.source()
        .filter(rollout -> checked.isEmpty() || rollout.name().equals(checked))
        .map(RolloutMessages::rollout);
  }
}
