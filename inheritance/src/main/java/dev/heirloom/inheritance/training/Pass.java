package dev.heirloom.inheritance.training;

import dev.heirloom.runtime.family.PatchLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** One run of one rung through the network: how it computes, and what it notes on its way. */
final class Pass {
  private final int rung;
  private final Precision precision;
  private final boolean batchStatistics;
  private final Optional<Moments> moments;
  private final Optional<List<PatchLayer>> patches;
  private final List<Tensor> gates = new ArrayList<>();
  private final Optional<PointerScope> owner = Optional.ofNullable(PointerScope.getInnerScope());

  private Pass(
      int rung,
      Precision precision,
      boolean batchStatistics,
      Optional<Moments> moments,
      Optional<List<PatchLayer>> patches) {
    this.rung = rung;
    this.precision = precision;
    this.batchStatistics = batchStatistics;
    this.moments = moments;
    this.patches = patches;
  }

  /**
   * Factored layers normalise by the batch's own statistics.
   *
   * @param batchStatistics whether the graph's own batch normalisations do so, too
   */
  static Pass training(int rung, Precision precision, boolean batchStatistics) {
    return new Pass(rung, precision, batchStatistics, Optional.empty(), Optional.empty());
  }

  /** As training, in float32, and adds the statistics up. */
  static Pass measuring(int rung, boolean batchStatistics, Moments moments) {
    return new Pass(
        rung, Precision.FLOAT32, batchStatistics, Optional.of(moments), Optional.empty());
  }

  /** As on a device: in float32, with a rung's patches in the place of statistics. */
  static Pass patched(int rung, List<PatchLayer> patches) {
    return new Pass(rung, Precision.FLOAT32, false, Optional.empty(), Optional.of(patches));
  }

  /** From 0, the smallest. */
  int rung() {
    return rung;
  }

  Precision precision() {
    return precision;
  }

  boolean batchStatistics() {
    return batchStatistics;
  }

  Optional<Moments> moments() {
    return moments;
  }

  /** One patch per factored layer. */
  Optional<List<PatchLayer>> patches() {
    return patches;
  }

  /**
   * Notes the gate of one layer: float32, [samples, heads]; it lives as long as the pass's scope.
   */
  void gate(Tensor shares) {
    owner.ifPresent(scope -> scope.attach(shares));
    gates.add(shares);
  }

  List<Tensor> gates() {
    return gates;
  }
}
