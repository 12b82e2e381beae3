package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.Divergence;
import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.inheritance.ladder.RankPath;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Chooses between ranks per layer and the same share of rank for every layer. Errors of single
 * layers are a surrogate that can lose to a uniform rank, so both are run end to end, untrained, on
 * held-back samples at equal cost, and the better is kept.
 */
final class PathChoice {

  private static final int COMPARED = 4;

  private final HeirSketch sketch;
  private final Divergence divergence;
  private final Cost unit;
  private final Progress progress;

  PathChoice(HeirSketch sketch, Divergence divergence, Cost unit, Progress progress) {
    this.sketch = sketch;
    this.divergence = divergence;
    this.unit = unit;
    this.progress = progress;
  }

  List<RankPath.Point> choose(List<LayerTable> tables)
      throws MalformedException, SessionException, CancelledException {
    List<RankPath.Point> perLayer = RankPath.greedy(tables, unit);
    List<RankPath.Point> uniform = RankPath.uniform(tables, unit);
    double perLayerLog = 0;
    double uniformLog = 0;
    List<RankPath.Point> compared = between(uniform);
    for (RankPath.Point point : compared) {
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      perLayerLog += log(RankPath.within(perLayer, (double) point.cost()));
      uniformLog += log(point);
    }
    if (compared.isEmpty()) {
      return perLayer;
    }
    boolean better = perLayerLog <= uniformLog;
    progress.note(
        String.format(
            Locale.ROOT,
            "ladder: ranks per layer leave a divergence of %.4f at equal %s, one share of rank for"
                + " all layers %.4f; the %s",
            Math.exp(perLayerLog / compared.size()),
            unit.title(),
            Math.exp(uniformLog / compared.size()),
            better ? "former is taken" : "latter is taken"));
    return better ? perLayer : uniform;
  }

  private double log(RankPath.Point point) throws MalformedException, SessionException {
    return Math.log(Math.max(1e-9, divergence.of(sketch.meanKeeping(point.ranks()))));
  }

  /** A few points of a path without its ends, which both paths have in common. */
  private static List<RankPath.Point> between(List<RankPath.Point> path) {
    List<RankPath.Point> inner = path.subList(1, Math.max(1, path.size() - 1));
    if (inner.size() <= COMPARED) {
      return inner;
    }
    List<RankPath.Point> some = new ArrayList<>();
    for (int i = 0; i < COMPARED; i++) {
      some.add(inner.get(Math.round((i + 0.5f) * inner.size() / COMPARED - 0.5f)));
    }
    return some;
  }
}
