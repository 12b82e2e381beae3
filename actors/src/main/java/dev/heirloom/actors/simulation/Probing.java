package dev.heirloom.actors.simulation;

import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.ProbeTimes;
import java.util.List;

/** A set of one micro-probe, which every rung's time is made of. */
final class Probing {
  private static final int VERSION = 1;
  private static final int THREADS = 1;
  private static final double MAKER_NS = 1e6;

  private Probing() {}

  /**
   * What a machine takes.
   *
   * @param factor over the machine where the family was made
   */
  static ProbeTimes times(double factor) {
    return new ProbeTimes(VERSION, List.of(Math.round(MAKER_NS * factor)));
  }

  /** A ladder with what the machine took where its family was made. */
  static Ladder timed(Ladder ladder) {
    List<LadderTiming.OfRung> rungs =
        ladder.rungs().stream()
            .map(rung -> new LadderTiming.OfRung(rung.latencyP50Ns(), List.of(1.0)))
            .toList();
    return new Ladder(ladder.rungs(), List.of(new LadderTiming(THREADS, times(1), rungs)));
  }
}
