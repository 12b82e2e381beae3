package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.Divergence;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.draft.LayerTiming;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.inheritance.ladder.RankPath;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Chooses which layers are factored and which ranks each rung gives them: candidates with their
 * tables, a path through these, and rungs on the path.
 */
final class LadderChoice {

  /** Held-back samples on which untrained heirs are compared. */
  private static final int COMPARED_SAMPLES = 256;

  private final Teacher teacher;
  private final Samples samples;
  private final Calibration calibration;
  private final InheritOptions options;
  private final Progress progress;
  private final LayerTiming layerTiming = new LayerTiming(SessionSettings.cpu(1));

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
  }

  /**
   * Chooses a ladder.
   *
   * @param heads up-projections per layer, from 1
   * @throws RefusedException where no heir is both smaller and clearly faster than the teacher
   */
  Chosen choose(Map<DenseLayer, Factorization> factors, int heads)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    if (!options.ladder().given().isEmpty()) {
      return new GivenLadder(teacher, calibration, options, heads).of(factors);
    }
    return choose(factors, heads, options.ladder(), true);
  }

  /** One rung of at most a share of the teacher's parameters, without a look at uniform ranks. */
  Chosen single(Map<DenseLayer, Factorization> factors, int heads, double share)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    return choose(factors, heads, LadderOptions.single(options.ladder().cost(), share), false);
  }

  private Chosen choose(
      Map<DenseLayer, Factorization> factors, int heads, LadderOptions wanted, boolean checked)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    Divergence divergence = divergence();
    Candidates search = new Candidates(teacher, calibration, options, heads, progress);
    List<Candidate> candidates = search.find(factors, divergence, layerTiming);
    if (candidates.isEmpty()) {
      throw refused("no layer gains from being factored", search.leftDense());
    }
    if (checked && options.method().method().choosesRanksPerLayer()) {
      candidates =
          new DenseChoice(teacher, calibration, divergence, wanted.cost(), progress)
              .choose(candidates, search.leftDense());
    }
    List<LayerTable> tables = candidates.stream().map(Candidate::table).toList();
    HeirSketch sketch = HeirSketch.of(teacher, calibration, candidates);
    List<RankPath.Point> path = path(tables, sketch, divergence, checked);
    List<List<Integer>> rungs = rungs(path, sketch, search, wanted);
    List<Integer> top = rungs.get(rungs.size() - 1);
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      DraftLayer layer = candidates.get(i).layer();
      layers.add(layer.withPair(layer.pair().prefix(top.get(i))));
    }
    return new Chosen(layers, rungs, tables, search.leftDense());
  }

  /** The smallest heir of a ladder before any training, each layer's mean output kept. */
  byte[] untrained(Chosen chosen) throws MalformedException {
    List<LayerStatistics> statistics =
        chosen.layers().stream()
            .map(layer -> calibration.layers().get(teacher.layers().indexOf(layer.dense())))
            .toList();
    return new HeirSketch(teacher, calibration, chosen.layers(), statistics)
        .meanKeeping(chosen.ranksByRung().get(0));
  }

  /** How far heirs are from the teacher on held-back samples. */
  Divergence divergence() throws SessionException, MalformedException {
    return new Divergence(
        teacher.folded().bytes(),
        samples.heldBack().head(COMPARED_SAMPLES),
        samples.preprocessor(),
        SessionSettings.cpu(options.threads()),
        samples.purpose());
  }

  /** Opens the teacher to be measured against. */
  HeirTiming timing() throws SessionException {
    return new HeirTiming(
        teacher.original().bytes(),
        samples.preprocessor().batch(samples.heldBack(), new int[] {0}),
        options.threads());
  }

  private List<RankPath.Point> path(
      List<LayerTable> tables, HeirSketch sketch, Divergence divergence, boolean checked)
      throws MalformedException, SessionException, CancelledException {
    if (!options.method().method().choosesRanksPerLayer()) {
      return RankPath.uniform(tables, options.ladder().cost());
    }
    if (!checked) {
      return RankPath.greedy(tables, options.ladder().cost());
    }
    return new PathChoice(sketch, divergence, options.ladder().cost(), progress).choose(tables);
  }

  private List<List<Integer>> rungs(
      List<RankPath.Point> path, HeirSketch sketch, Candidates search, LadderOptions wanted)
      throws MalformedException, SessionException, CancelledException, RefusedException {
    try (HeirTiming timing = timing()) {
      long dense = teacher.original().parameters();
      RungChoice choice = new RungChoice(path, sketch, timing, wanted, dense, progress);
      List<List<Integer>> rungs = choice.choose();
      if (rungs.isEmpty()) {
        throw refused(
            String.format(
                Locale.ROOT,
                "no heir is both smaller and clearly faster than the teacher (the fastest takes"
                    + " %.2f of its time)",
                choice.fastest()),
            search.leftDense());
      }
      return rungs;
    }
  }

  private static RefusedException refused(String why, Map<String, String> leftDense) {
    List<String> reasons = new ArrayList<>();
    leftDense.forEach((name, reason) -> reasons.add(name + ": " + reason));
    return new RefusedException(why, reasons);
  }
}
