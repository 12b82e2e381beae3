package dev.heirloom.actors.rollout;

import dev.heirloom.actors.rollout.AttemptEnd.Result;
import dev.heirloom.actors.rollout.RolloutState.Known;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Which twins are to be told what, and which have answered: a few at a time, again and again until
 * they do. Nothing of this is persisted.
 */
final class TwinTalks {
  private static final int AT_ONCE = 64;

  /** How a twin's answer ends whose device was removed. */
  private static final String UNKNOWN = " is not enrolled";

  private final Set<String> enlisted = new HashSet<>();
  private final Set<String> released = new HashSet<>();
  private final Map<String, String> refusals = new HashMap<>();
  private final Set<String> asked = new HashSet<>();
  private final Set<String> gone = new HashSet<>();

  /**
   * One question to a twin.
   *
   * @param enlist whether it shall follow the target, else the current version
   * @param back whether it shall leave the target
   */
  record Talk(String device, boolean enlist, boolean back) {}

  void restart() {
    enlisted.clear();
    released.clear();
    refusals.clear();
    gone.clear();
  }

  /** Answers to what was asked so far may not come any more. */
  void askAgain() {
    asked.clear();
  }

  /** A device was removed, or is there again. */
  void seen(String device, boolean removed) {
    if (removed) {
      gone.add(device);
    } else {
      gone.remove(device);
    }
  }

  /** Whether any twin is to be told to follow the target, or else the current version. */
  boolean pending(Known known, boolean enlist) {
    return open(known, enlist).findAny().isPresent();
  }

  /** The next questions of one kind; they count as asked. */
  List<Talk> next(Known known, boolean enlist) {
    List<Talk> next = open(known, enlist).limit(Math.max(0, AT_ONCE - asked.size())).toList();
    next.forEach(talk -> asked.add(talk.device()));
    return next;
  }

  private Stream<Talk> open(Known known, boolean enlist) {
    return known.members().stream()
        .filter(known::told)
        .filter(member -> !gone.contains(member.name()))
        .flatMap(member -> talk(known, member).stream())
        .filter(talk -> talk.enlist() == enlist && !asked.contains(talk.device()));
  }

  private Optional<Talk> talk(Known known, Member member) {
    String device = member.name();
    return switch (known.phase()) {
      case RUNNING -> {
        Optional<Result> result = known.attempt(member).map(AttemptEnd::result);
        boolean given = result.filter(r -> r != Result.INSTALLED).isPresent();
        yield given
            ? release(device, true)
            : result.isPresent() || enlisted.contains(device) || refusals.containsKey(device)
                ? Optional.empty()
                : Optional.of(new Talk(device, true, false));
      }
      case RETURNING -> release(device, true);
      case PROMOTING -> release(device, false);
      case COMPLETED, HALTED, ABORTED -> Optional.empty();
    };
  }

  private Optional<Talk> release(String device, boolean back) {
    return released.contains(device)
        ? Optional.empty()
        : Optional.of(new Talk(device, false, back));
  }

  /** A twin that does not answer in time is asked again. */
  void answered(String device, boolean enlist, Optional<Throwable> failure) {
    asked.remove(device);
    if (failure.filter(TimeoutException.class::isInstance).isPresent()) {
      return;
    }
    String reason = failure.map(Throwable::getMessage).map(String::valueOf).orElse("");
    if (reason.endsWith(UNKNOWN)) {
      gone.add(device);
    } else if (!enlist) {
      released.add(device);
    } else if (failure.isPresent()) {
      refusals.put(device, reason);
    } else {
      enlisted.add(device);
    }
  }

  Map<String, String> refusals() {
    return refusals;
  }

  Set<String> gone() {
    return gone;
  }

  Set<String> released() {
    return released;
  }
}
