package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.Divergence;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.draft.LayerTiming;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.inheritance.ladder.LayerOption;
import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Finds the layers that gain from being factored: those with a rank at which the factors are
 * smaller and, measured in the runtime, faster than the weight. Says of every other layer why not.
 */
final class Candidates {

  /** Ranks in multiples of the runtime's channel block; below one block a rank saves no time. */
  private static final int RANK_BLOCK = 16;

  /** Where bytes are the price, ranks that save bytes and no time are worth something too. */
  private static final int FINE_BLOCK = 4;

  /** Ranks that one layer's table has at most; of more, evenly spread ones are taken. */
  private static final int MOST_RANKS = 24;

  /** A factored layer must beat the dense one by this much, or it stays dense. */
  private static final double LAYER_GAIN = 0.97;

  private final Teacher teacher;
  private final Calibration calibration;
  private final InheritOptions options;
  private final int heads;
  private final Progress progress;
  private final Map<String, String> leftDense;

  Candidates(
      Teacher teacher,
      Calibration calibration,
      InheritOptions options,
      int heads,
      Progress progress) {
    this.teacher = teacher;
    this.calibration = calibration;
    this.options = options;
    this.heads = heads;
    this.progress = progress;
    this.leftDense = new LinkedHashMap<>(teacher.leftDense());
  }

  /** Why each other layer stays as it is, by name. */
  Map<String, String> leftDense() {
    return leftDense;
  }

  List<Candidate> find(
      Map<DenseLayer, Factorization> factorizations, Divergence divergence, LayerTiming timing)
      throws IOException, MalformedException, SessionException, CancelledException {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < teacher.layers().size(); i++) {
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      progress.step(i, teacher.layers().size(), OptionalDouble.empty());
      DenseLayer layer = teacher.layers().get(i);
      Factorization factors = factorizations.get(layer);
      if (factors == null) {
        leftDense.put(layer.name(), "no rank of " + RANK_BLOCK + " or more makes it smaller");
        continue;
      }
      Optional<Candidate> found = Optional.empty();
      for (int number : headsInTurn()) {
        if (found.isEmpty()) {
          found = candidate(i, factors, number, divergence, timing);
        }
      }
      found.ifPresentOrElse(
          candidates::add,
          () -> leftDense.put(layer.name(), "no rank makes it faster in the runtime"));
    }
    return candidates;
  }

  /** Heads to try, the wanted number first: a layer that a gate makes too slow has none. */
  private List<Integer> headsInTurn() {
    boolean mayFold = options.method().choosesHeads() && heads > 1;
    return mayFold ? List.of(heads, 1) : List.of(heads);
  }

  private Optional<Candidate> candidate(
      int index, Factorization factors, int number, Divergence divergence, LayerTiming timing)
      throws IOException, MalformedException, SessionException {
    DenseLayer layer = teacher.layers().get(index);
    LayerStatistics statistics = calibration.layers().get(index);
    List<Integer> ranks = ranks(layer, number, options.ladder().cost());
    if (ranks.isEmpty()) {
      return Optional.empty();
    }
    FactorStart start = new FactorStart(options.method(), number, options.seed());
    DraftLayer draft = start.of(layer, statistics, factors, ranks.get(ranks.size() - 1));
    LayerTiming.Times times =
        timing.measure(layer, draft.pair(), calibration.shape(layer.inputTensor()), ranks);
    List<LayerOption> gaining = gaining(draft, factors, ranks, times);
    if (gaining.isEmpty()) {
      return Optional.empty();
    }
    int largest = gaining.get(gaining.size() - 1).rank();
    DraftLayer cut = draft.withPair(draft.pair().prefix(largest));
    double sensitivity = sensitivity(divergence, cut, statistics, gaining.get(0));
    LayerTable table = new LayerTable(layer.name(), dense(draft, times), sensitivity, gaining);
    return Optional.of(new Candidate(cut, statistics, factors, table));
  }

  private static List<LayerOption> gaining(
      DraftLayer layer, Factorization factors, List<Integer> ranks, LayerTiming.Times times) {
    return ranks.stream()
        .filter(rank -> times.factoredNs(rank) < LAYER_GAIN * times.denseNs())
        .map(
            rank ->
                new LayerOption(
                    rank,
                    factors.lostEnergy(rank),
                    layer.parameters(rank),
                    layer.macs(rank),
                    times.factoredNs(rank)))
        .toList();
  }

  private static LayerOption dense(DraftLayer layer, LayerTiming.Times times) {
    DenseLayer dense = layer.dense();
    return new LayerOption(
        Math.min(dense.outputs(), dense.inputs()),
        0,
        denseParameters(dense),
        layer.denseMacs(),
        times.denseNs());
  }

  private static long denseParameters(DenseLayer layer) {
    return (long) layer.outputs() * layer.inputs() + layer.outputs();
  }

  /** Ranks at which the factors are smaller than the weight, ascending. */
  static List<Integer> ranks(DenseLayer layer, int heads, Cost unit) {
    int block = unit == Cost.BYTES ? FINE_BLOCK : RANK_BLOCK;
    int full = Math.min(layer.outputs(), layer.inputs());
    List<Integer> all =
        IntStream.iterate(block, rank -> rank <= full, rank -> rank + block)
            .filter(rank -> DraftLayer.parameters(layer, heads, rank) < denseParameters(layer))
            .boxed()
            .toList();
    if (all.size() <= MOST_RANKS) {
      return all;
    }
    return IntStream.range(0, MOST_RANKS)
        .map(i -> Math.round((float) i * (all.size() - 1) / (MOST_RANKS - 1)))
        .mapToObj(all::get)
        .toList();
  }

  /** Divergence per unit of lost energy, measured with this layer alone at its smallest rank. */
  private double sensitivity(
      Divergence divergence, DraftLayer layer, LayerStatistics statistics, LayerOption smallest)
      throws MalformedException, SessionException {
    if (smallest.lostEnergy() < 1e-9) {
      return 1e-9;
    }
    HeirSketch alone = new HeirSketch(teacher, calibration, List.of(layer), List.of(statistics));
    byte[] heir = alone.meanKeeping(List.of(smallest.rank()));
    return Math.max(1e-9, divergence.of(heir) / smallest.lostEnergy());
  }
}
