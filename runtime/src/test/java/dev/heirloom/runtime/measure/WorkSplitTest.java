package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.fixture.Graphs;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkSplitTest {

  /** Every operator of every probe takes 1 µs, and so does a run. */
  private static final ProbeTimes EVEN =
      new ProbeTimes(
          MicroProbes.VERSION,
          Arrays.stream(MicroProbe.values()).map(probe -> 1000L * probe.operators()).toList());

  @Test
  void aProbeIsAllOfItsOwnKindButForWhatNodesCost() throws Exception {
    OnnxModel model = OnnxModel.parse(MicroProbe.PRODUCT_DENSE.onnx(), "probe");
    List<Double> shares = shares(model, Map.of("x", TensorValue.floats(new float[] {1}, 1)));
    // 5 µs: the run, two products, and about one for the addition in front, the mean behind.
    assertThat(share(shares, MicroProbe.PRODUCT_DENSE)).isGreaterThan(0.2);
    assertThat(share(shares, MicroProbe.CONVOLUTION_DENSE)).isZero();
    assertThat(shares.stream().mapToDouble(Double::doubleValue).sum()).isEqualTo(1, within(1e-9));
  }

  @Test
  void workBetweenTwoProbesIsSharedBetweenThem() throws Exception {
    List<Double> small = convolution(16);
    List<Double> large = convolution(64);
    assertThat(share(small, MicroProbe.CONVOLUTION_SMALL)).isPositive();
    assertThat(share(large, MicroProbe.CONVOLUTION_DENSE)).isPositive();
    assertThat(
            share(large, MicroProbe.CONVOLUTION_LARGE) + share(large, MicroProbe.CONVOLUTION_DENSE))
        .isGreaterThan(
            share(small, MicroProbe.CONVOLUTION_LARGE)
                + share(small, MicroProbe.CONVOLUTION_DENSE));
  }

  @Test
  void aProductOfOneRowIsBoundByItsWeight() throws Exception {
    OnnxModel model =
        OnnxModel.of(
            Graphs.model(
                17,
                Graphs.graph(
                        List.of(Graphs.value("x", -1, 64)),
                        List.of(Graphs.value("y", -1, 64)),
                        List.of(Graphs.node("MatMul", "y", List.of("x", "w"))))
                    .addInitializer(Graphs.tensor("w", new float[64 * 64], 64, 64))),
            "row");
    List<Double> one = shares(model, Map.of("x", TensorValue.floats(new float[64], 1, 64)));
    assertThat(share(one, MicroProbe.ROW)).isPositive();
    assertThat(share(one, MicroProbe.PRODUCT_SMALL)).isZero();
    List<Double> many = shares(model, Map.of("x", TensorValue.floats(new float[64 * 8], 8, 64)));
    assertThat(share(many, MicroProbe.ROW)).isZero();
    assertThat(share(many, MicroProbe.PRODUCT_SMALL)).isPositive();
  }

  @Test
  void refusesTimesOfAnotherSet() throws Exception {
    OnnxModel model = OnnxModel.parse(MicroProbe.RUN.onnx(), "probe");
    ProbeTimes other = new ProbeTimes(MicroProbes.VERSION + 1, Collections.nCopies(10, 1L));
    assertThatThrownBy(() -> WorkSplit.of(model, Map.of(), other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Double> convolution(int channels) throws Exception {
    OnnxModel model =
        OnnxModel.of(
            Graphs.model(
                17,
                Graphs.graph(
                        List.of(Graphs.value("x", -1, channels, 16, 16)),
                        List.of(Graphs.value("y", -1, channels, 16, 16)),
                        List.of(
                            Graphs.node(
                                "Conv",
                                "y",
                                List.of("x", "w"),
                                Attributes.intsAttribute("pads", 1, 1, 1, 1))))
                    .addInitializer(
                        Graphs.tensor(
                            "w", new float[channels * channels * 9], channels, channels, 3, 3))),
            "convolution");
    float[] image = new float[channels * 256];
    return shares(model, Map.of("x", TensorValue.floats(image, 1, channels, 16, 16)));
  }

  private static List<Double> shares(OnnxModel model, Map<String, TensorValue> sample)
      throws Exception {
    return WorkSplit.of(model, WorkSplit.shapes(model, sample), EVEN);
  }

  private static double share(List<Double> shares, MicroProbe probe) {
    return shares.get(probe.ordinal());
  }
}
