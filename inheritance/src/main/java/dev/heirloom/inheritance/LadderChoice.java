package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.Divergence;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.draft.LayerTiming;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.factor.HeadPerturbation;
import dev.heirloom.inheritance.ladder.LayerOption;
import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.inheritance.ladder.RankPath;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Chooses which layers are factored and which ranks each rung gives them.
 *
 * <p>A rank is a candidate for a layer only if the factored layer is smaller and, measured, faster
 * than the dense one. Candidates form a path from the smallest heir to the largest; heirs on it are
 * measured whole, and the rungs are spread over measured latency below the teacher's.
 */
final class LadderChoice {

  /** Ranks in multiples of the runtime's channel block; below one block a rank saves no time. */
  private static final int RANK_BLOCK = 16;

  /** A factored layer must beat the dense one by this much, or it stays dense. */
  private static final double LAYER_GAIN = 0.97;

  /** The same for a whole heir against the teacher: a margin for noise of the measurement. */
  private static final double HEIR_GAIN = 0.93;

  private static final int MOST_MEASURED = 16;

  private final Teacher teacher;
  private final Samples samples;
  private final Calibration calibration;
  private final InheritOptions options;
  private final SessionSettings oneThread = SessionSettings.cpu(1);
  private final Progress progress;
  private final Map<String, String> leftDense;

  LadderChoice(
      Teacher teacher,
      Samples samples,
      Calibration calibration,
      InheritOptions options,
      Progress progress) {
    this.teacher = teacher;
    this.samples = samples;
    this.calibration = calibration;
    this.options = options;
    this.progress = progress;
    this.leftDense = new LinkedHashMap<>(teacher.leftDense());
  }

  /**
   * A choice.
   *
   * @param layers factored ones, at their largest ranks
   * @param ranksByRung per rung, smallest first, per layer
   * @param leftDense why each other layer stays as it is
   */
  record Chosen(
      List<DraftLayer> layers, List<List<Integer>> ranksByRung, Map<String, String> leftDense) {}

  private record Candidate(
      DenseLayer dense, LayerStatistics statistics, Factorization factors, LayerTable table) {}

  Chosen choose(Map<DenseLayer, Factorization> factorizations)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    List<Candidate> candidates = candidates(factorizations);
    if (candidates.isEmpty()) {
      throw refused("no layer gains from being factored");
    }
    List<LayerTable> tables = candidates.stream().map(Candidate::table).toList();
    List<RankPath.Point> path =
        options.method().choosesRanksPerLayer()
            ? RankPath.greedy(tables)
            : RankPath.uniform(tables);
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      int largest = path.get(path.size() - 1).ranks().get(i);
      layers.add(draft(candidate.dense, candidate.statistics, candidate.factors, largest));
    }
    List<List<Integer>> rungs = rungs(layers, path);
    List<Integer> top = rungs.get(rungs.size() - 1);
    List<DraftLayer> cut = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      DraftLayer layer = layers.get(i);
      cut.add(layer.withPair(layer.pair().prefix(top.get(i))));
    }
    return new Chosen(cut, rungs, leftDense);
  }

  private RefusedException refused(String why) {
    List<String> reasons = new ArrayList<>();
    leftDense.forEach((name, reason) -> reasons.add(name + ": " + reason));
    return new RefusedException(why, reasons);
  }

  private DraftLayer draft(
      DenseLayer layer, LayerStatistics statistics, Factorization factors, int rank) {
    int heads = options.effectiveHeads();
    List<float[]> ups =
        HeadPerturbation.spread(factors.up(rank), heads, options.seed() ^ layer.name().hashCode());
    FactorPair pair =
        new FactorPair(
            layer.name(),
            layer.kind(),
            layer.outputs(),
            layer.inputs(),
            layer.kernel(),
            rank,
            factors.down(rank),
            ups,
            heads == 1 ? new float[0] : new float[heads * rank]);
    return new DraftLayer(layer, pair, statistics.positions());
  }

  private List<Candidate> candidates(Map<DenseLayer, Factorization> factorizations)
      throws IOException, MalformedException, SessionException, CancelledException {
    LayerTiming timing = new LayerTiming(oneThread);
    Divergence divergence =
        new Divergence(
            teacher.folded().bytes(),
            samples.heldBack().head(256),
            samples.preprocessor(),
            SessionSettings.cpu(options.threads()),
            samples.purpose());
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < teacher.layers().size(); i++) {
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      DenseLayer layer = teacher.layers().get(i);
      Factorization factors = factorizations.get(layer);
      progress.step(i, teacher.layers().size(), OptionalDouble.empty());
      if (factors == null) {
        leftDense.put(layer.name(), "no rank of " + RANK_BLOCK + " or more makes it smaller");
        continue;
      }
      LayerStatistics statistics = calibration.layers().get(i);
      List<Integer> ranks = ranks(layer, options.effectiveHeads());
      DraftLayer draft = draft(layer, statistics, factors, ranks.get(ranks.size() - 1));
      LayerTiming.Times times =
          timing.measure(layer, draft.pair(), calibration.shape(layer.inputTensor()), ranks);
      List<LayerOption> layerOptions =
          ranks.stream()
              .filter(rank -> times.factoredNs(rank) < LAYER_GAIN * times.denseNs())
              .map(
                  rank ->
                      new LayerOption(
                          rank,
                          factors.lostEnergy(rank),
                          draft.parameters(rank),
                          times.factoredNs(rank)))
              .toList();
      if (layerOptions.isEmpty()) {
        leftDense.put(layer.name(), "no rank makes it faster in the runtime");
        continue;
      }
      double sensitivity = sensitivity(divergence, draft, statistics, layerOptions.get(0));
      LayerTable table = new LayerTable(layer.name(), times.denseNs(), sensitivity, layerOptions);
      candidates.add(new Candidate(layer, statistics, factors, table));
    }
    return candidates;
  }

  /** Ranks in whole blocks at which the factors are smaller than the weight, ascending. */
  static List<Integer> ranks(DenseLayer layer, int heads) {
    long dense = (long) layer.outputs() * layer.inputs() + layer.outputs();
    int full = Math.min(layer.outputs(), layer.inputs());
    return IntStream.iterate(RANK_BLOCK, rank -> rank <= full, rank -> rank + RANK_BLOCK)
        .filter(rank -> DraftLayer.parameters(layer, heads, rank) < dense)
        .boxed()
        .toList();
  }

  /** Divergence per unit of lost energy, measured with this layer alone at its smallest rank. */
  private double sensitivity(
      Divergence divergence, DraftLayer layer, LayerStatistics statistics, LayerOption smallest)
      throws IOException, MalformedException, SessionException {
    if (smallest.lostEnergy() < 1e-9) {
      return 1e-9;
    }
    DraftFamily alone =
        new DraftFamily(
            Skeleton.of(teacher, List.of(layer.dense())),
            List.of(layer),
            List.of(List.of(smallest.rank())),
            List.of(List.of(StartingPatch.of(layer, statistics, smallest.rank()))));
    return Math.max(1e-9, divergence.of(alone.heir(1)) / smallest.lostEnergy());
  }

  private List<List<Integer>> rungs(List<DraftLayer> layers, List<RankPath.Point> path)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    List<Integer> measured = new ArrayList<>();
    int number = Math.min(MOST_MEASURED, path.size());
    for (int i = 0; i < number; i++) {
      measured.add(number == 1 ? 0 : Math.round((float) i * (path.size() - 1) / (number - 1)));
    }
    List<Double> relative = new ArrayList<>();
    ModelProto skeleton = Skeleton.of(teacher, layers.stream().map(DraftLayer::dense).toList());
    long dense = teacher.original().parameters();
    int last = -1;
    for (int i = 0; i < measured.size(); i++) {
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      RankPath.Point point = path.get(measured.get(i));
      DraftFamily draft = single(skeleton, layers, point.ranks());
      relative.add(relativeLatency(draft.heir(1)));
      if (relative.get(i) < HEIR_GAIN && draft.parameters(1) < dense) {
        last = i;
      }
      progress.step(i + 1, measured.size(), OptionalDouble.empty());
    }
    if (last < 0) {
      double best = relative.stream().mapToDouble(Double::doubleValue).min().orElse(1);
      throw refused(
          String.format(
              "no heir is both smaller and clearly faster than the teacher (the fastest takes %.2f"
                  + " of its time)",
              best));
    }
    int top = measured.get(last);
    List<Double> costs = new ArrayList<>();
    for (int i = 0; i <= top; i++) {
      costs.add(interpolated(measured, relative, i));
    }
    return RankPath.spread(costs, options.rungs()).stream()
        .map(index -> path.get(index).ranks())
        .toList();
  }

  private static double interpolated(List<Integer> measured, List<Double> relative, int index) {
    for (int i = 1; i < measured.size(); i++) {
      int low = measured.get(i - 1);
      int high = measured.get(i);
      if (index <= high && high > low) {
        double share = (index - low) / (double) (high - low);
        return relative.get(i - 1) * (1 - share) + relative.get(i) * share;
      }
    }
    return relative.get(relative.size() - 1);
  }

  private DraftFamily single(ModelProto skeleton, List<DraftLayer> layers, List<Integer> ranks)
      throws IOException {
    List<PatchLayer> patches = new ArrayList<>();
    for (DraftLayer layer : layers) {
      patches.add(StartingPatch.plain(layer));
    }
    return new DraftFamily(skeleton, layers, List.of(ranks), List.of(patches));
  }

  /** Median latency of an heir over the teacher's, interleaved. */
  private double relativeLatency(byte[] heir) throws SessionException, MalformedException {
    Map<String, TensorValue> input =
        samples.preprocessor().batch(samples.heldBack(), new int[] {0});
    try (OnnxSession dense = OnnxSession.open(teacher.original().bytes(), oneThread);
        OnnxSession low = OnnxSession.open(heir, oneThread)) {
      List<Latency.Summary> summaries = Latency.interleaved(List.of(dense, low), input, 5, 40);
      return (double) summaries.get(1).p50Ns() / summaries.get(0).p50Ns();
    }
  }
}
