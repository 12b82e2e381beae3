package dev.heirloom.bench.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureSizesTest {

  /**
   * Parameters as published for the normalised networks, less what folding a normalisation saves:
   * one per channel, or two where the convolution has a bias anyway.
   */
  static Stream<Arguments> published() {
    return Stream.of(
        arguments("ResNet-50", BottleneckResNet.resNet50(), 25_557_032 - 26_560),
        arguments("ResNet-56", BasicResNet.resNet56(), 861_620 - 2_128),
        arguments("VGG-13", Vgg.vgg13(), 9_462_180 - 2 * 2_944),
        arguments("MobileNetV2", InvertedResidualNet.mobileNetV2(), 3_504_872 - 17_056));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("published")
  void hasAsManyParametersAsPublished(String name, Architecture architecture, int parameters) {
    assertThat(architecture.network(1).parameters()).isEqualTo(parameters);
  }

  static Stream<Arguments> full() {
    return Stream.of(
        arguments("ResNet-56", BasicResNet.resNet56(), 100),
        arguments("ResNet-14", BasicResNet.resNet14(16, 32, 64), 10),
        arguments("ResNet-50", BottleneckResNet.resNet50(), 1000),
        arguments("VGG-13", Vgg.vgg13(), 100),
        arguments("WRN-16-2", WideResNet.wrn16x2(), 100),
        arguments("MobileNetV2", InvertedResidualNet.mobileNetV2(), 1000),
        arguments("two towers", TwoTowers.ofTeacher(), 10),
        arguments("ViT-tiny", VisionTransformer.vitTiny(true), 100),
        arguments("BERT-mini", Bert.bertMini(), 2),
        arguments("Llama", Llama.small(), 512));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("full")
  void answersInOnnxRuntimeWithModerateValues(String name, Architecture architecture, int classes)
      throws Exception {
    requireModerateAnswers(architecture.network(1), classes);
  }

  static Stream<Arguments> smallAtEveryOpset() {
    return SmallNetworks.all().entrySet().stream()
        .flatMap(
            entry ->
                IntStream.of(9, 10, 11, 13, 14, 17, 18, 20, 22)
                    .mapToObj(opset -> arguments(entry.getKey(), opset, entry.getValue())));
  }

  @ParameterizedTest(name = "{0}, opset {1}")
  @MethodSource("smallAtEveryOpset")
  void isValidInEveryOperatorSet(String name, int opset, Architecture architecture)
      throws Exception {
    OnnxModel model = architecture.network(opset, 1);
    assertThat(model.opset()).isEqualTo(opset);
    requireModerateAnswers(model, name.equals("llama") ? SmallNetworks.TOKENS : -1);
  }

  private static void requireModerateAnswers(OnnxModel model, int classes) throws Exception {
    Map<String, TensorValue> inputs = SmallNetworks.inputs(model.inputs(), 3, 5);
    try (OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      TensorValue answer = session.runFirst(inputs);
      long[] dims = answer.dims();
      assertThat(dims[0]).isEqualTo(3);
      if (classes > 0) {
        assertThat(dims[dims.length - 1]).isEqualTo(classes);
      }
      float largest = 0;
      for (float value : answer.toFloats()) {
        assertThat(value).isFinite();
        largest = Math.max(largest, Math.abs(value));
      }
      assertThat(largest).isBetween(1e-3f, 1e3f);
    }
  }

  @Test
  void theSameSeedGivesTheSameNetwork() {
    Architecture architecture = TwoTowers.ofTeacher();
    assertThat(architecture.network(3).bytes()).isEqualTo(architecture.network(3).bytes());
    assertThat(architecture.network(3).bytes()).isNotEqualTo(architecture.network(4).bytes());
  }
}
