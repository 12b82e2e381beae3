package dev.heirloom.inheritance;

import dev.heirloom.inheritance.ladder.RankPath;
import dev.heirloom.inheritance.ladder.Spacing;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Picks rungs from a path: heirs on it are measured whole, and only those that are smaller and
 * clearly faster than the teacher, on one thread and on all, can be rungs. First come the rungs
 * that budgets ask for, then the largest and the smallest, then those of asked sizes; what is left
 * goes where neighbours would be furthest apart.
 */
final class RungChoice {

  /** An heir's time over the teacher's: a margin for noise of the measurement. */
  private static final double HEIR_GAIN = 0.93;

  private static final int MOST_MEASURED = 16;

  /** After so many points that do not gain, a size is given up, or rungs stay unfilled. */
  private static final int MOST_REFUSED = 8;

  /** Where the only rung is that of a budget, the path is measured just to know where it ends. */
  private static final int MEASURED_FOR_ONE = 4;

  private final List<RankPath.Point> path;
  private final HeirSketch sketch;
  private final HeirTiming timing;
  private final LadderOptions options;
  private final long teacherParameters;
  private final Progress progress;
  private final TreeMap<Integer, HeirTiming.Relative> measured = new TreeMap<>();

  RungChoice(
      List<RankPath.Point> path,
      HeirSketch sketch,
      HeirTiming timing,
      LadderOptions options,
      long teacherParameters,
      Progress progress) {
    this.path = path;
    this.sketch = sketch;
    this.timing = timing;
    this.options = options;
    this.teacherParameters = teacherParameters;
    this.progress = progress;
  }

  /** Ranks per rung, smallest first; empty where no heir gains. */
  List<List<Integer>> choose()
      throws MalformedException, SessionException, CancelledException, RefusedException {
    boolean oneAsked = options.rungs() == 1 && options.budgetParameters().size() == 1;
    int number = Math.min(oneAsked ? MEASURED_FOR_ONE : MOST_MEASURED, path.size());
    for (int i = 0; i < number; i++) {
      measure(number == 1 ? 0 : Math.round((float) i * (path.size() - 1) / (number - 1)));
      progress.step(i + 1, number, OptionalDouble.empty());
    }
    List<Integer> gaining = measured.keySet().stream().filter(this::gains).toList();
    if (gaining.isEmpty()) {
      return List.of();
    }
    int bottom = gaining.get(0);
    int top = gaining.get(gaining.size() - 1);
    TreeSet<Integer> picked = new TreeSet<>();
    for (double share : options.budgetParameters()) {
      picked.add(parameterBudget(top, share));
    }
    latencyBudget(top).ifPresent(picked::add);
    for (int end : List.of(top, bottom)) {
      if (picked.size() < options.rungs()) {
        picked.add(end);
      }
    }
    for (double size : options.sizes()) {
      if (picked.size() < options.rungs()) {
        nearest(bottom, top, size).ifPresent(picked::add);
      }
    }
    fill(picked, top);
    return picked.stream().map(index -> path.get(index).ranks()).toList();
  }

  /** The point that gains and comes nearest to a share of the teacher's parameters. */
  private Optional<Integer> nearest(int bottom, int top, double size)
      throws MalformedException, SessionException, CancelledException {
    double wanted = Math.log(size * teacherParameters);
    List<Integer> order =
        IntStream.rangeClosed(bottom, top)
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    index -> Math.abs(Math.log((double) parameters(index)) - wanted)))
            .limit(MOST_REFUSED)
            .toList();
    for (int index : order) {
      measure(index);
      if (gains(index)) {
        return Optional.of(index);
      }
    }
    return Optional.empty();
  }

  /** Puts the rungs that are left where neighbours are furthest apart. */
  private void fill(Set<Integer> picked, int top)
      throws MalformedException, SessionException, CancelledException {
    List<Integer> reach = IntStream.rangeClosed(0, top).boxed().toList();
    Spacing spacing =
        new Spacing(
            reach.stream().map(this::cost).toList(),
            reach.stream().map(index -> (double) parameters(index)).toList());
    Set<Integer> refused = new HashSet<>();
    while (picked.size() < options.rungs() && refused.size() < MOST_REFUSED) {
      Optional<Integer> between = spacing.between(picked, refused);
      if (between.isEmpty()) {
        return;
      }
      measure(between.get());
      (gains(between.get()) ? picked : refused).add(between.get());
    }
  }

  /** The smallest of the measured ratios: what to say where none gains. */
  double fastest() {
    return measured.values().stream().mapToDouble(HeirTiming.Relative::worst).min().orElse(1);
  }

  private HeirTiming.Relative measure(int index)
      throws MalformedException, SessionException, CancelledException {
    if (progress.cancelled()) {
      throw new CancelledException();
    }
    HeirTiming.Relative known = measured.get(index);
    if (known == null) {
      known = timing.measure(sketch.plain(path.get(index).ranks()));
      measured.put(index, known);
    }
    return known;
  }

  private boolean gains(int index) {
    HeirTiming.Relative relative = measured.get(index);
    return relative != null
        && relative.worst() < HEIR_GAIN
        && parameters(index) < teacherParameters;
  }

  private long parameters(int index) {
    return sketch.denseParameters() + path.get(index).parameters();
  }

  private double cost(int index) {
    return switch (options.cost()) {
      case BYTES -> parameters(index);
      case MACS -> path.get(index).macs();
      case LATENCY -> interpolated(index, HeirTiming.Relative::oneThread);
    };
  }

  private interface Reading {
    double of(HeirTiming.Relative relative);
  }

  private double interpolated(int index, Reading reading) {
    Map.Entry<Integer, HeirTiming.Relative> low = measured.floorEntry(index);
    Map.Entry<Integer, HeirTiming.Relative> high = measured.ceilingEntry(index);
    if (low == null || high == null) {
      throw new IllegalStateException("point " + index + " lies outside of what was measured");
    }
    double below = reading.of(low.getValue());
    if (low.getKey().equals(high.getKey())) {
      return below;
    }
    double share = (index - low.getKey()) / (double) (high.getKey() - low.getKey());
    return below * (1 - share) + reading.of(high.getValue()) * share;
  }

  private int parameterBudget(int top, double share)
      throws RefusedException, MalformedException, SessionException, CancelledException {
    double most = share * teacherParameters;
    for (int index = top; index >= 0; index--) {
      if (parameters(index) <= most) {
        measure(index);
        if (gains(index)) {
          return index;
        }
      }
    }
    throw new RefusedException(
        String.format(
            Locale.ROOT,
            "--budget-parameters %s: the smallest heir has %.3f of the teacher's parameters",
            share,
            (double) parameters(0) / teacherParameters),
        List.of("--cost bytes goes further down."));
  }

  private Optional<Integer> latencyBudget(int top)
      throws RefusedException, MalformedException, SessionException, CancelledException {
    OptionalLong budgetNs = options.budgetLatencyNs();
    if (budgetNs.isEmpty()) {
      return Optional.empty();
    }
    for (int index = top; index >= 0; index--) {
      if (interpolated(index, HeirTiming.Relative::oneThreadNs) <= budgetNs.getAsLong()) {
        if (measure(index).oneThreadNs() <= budgetNs.getAsLong() && gains(index)) {
          return Optional.of(index);
        }
      }
    }
    throw new RefusedException(
        String.format(
            Locale.ROOT,
            "--budget-latency %.3f ms: the fastest heir takes %.3f ms here",
            budgetNs.getAsLong() / 1e6,
            measured.values().stream().mapToLong(HeirTiming.Relative::oneThreadNs).min().orElse(0)
                / 1e6),
        List.of());
  }
}
