package dev.heirloom.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.fixture.Graphs;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class OnnxSessionTest {

  private static final SessionSettings ONE_THREAD = SessionSettings.cpu(1);

  @Test
  void environmentOutlivesTheOrderToEnd() {
    assertThat(SharedEnvironment.kept()).isTrue();
  }

  @Test
  void runsWithHeapAndDirectValues() throws Exception {
    float[] x = {-1, 2, -3, 4};
    ByteBuffer direct = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    direct.asFloatBuffer().put(x);
    try (OnnxSession session = OnnxSession.open(relu(), ONE_THREAD)) {
      assertThat(session.inputs().get(0).dims()).containsExactly(-1L, 4L);
      for (TensorValue value :
          List.of(TensorValue.floats(x, 1, 4), TensorValue.floats(direct.asFloatBuffer(), 1, 4))) {
        TensorValue y = session.run(Map.of("x", value)).get("y");
        assertThat(y.toFloats()).containsExactly(0, 2, 0, 4);
        assertThat(y.dims()).containsExactly(1, 4);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ELEMENT_TYPE_UNSPECIFIED", "ELEMENT_TYPE_STRING", "UNRECOGNIZED"})
  void passesEveryBitOfANumberThrough(ElementType type) throws Exception {
    int width = ElementTypes.bytes(type);
    ByteBuffer little = ByteBuffer.allocate(6 * width);
    for (int i = 0; i < little.capacity(); i++) {
      // Bools are 0 or 1; the others get every sign, and some NaN of their type.
      boolean bool = type == ElementType.ELEMENT_TYPE_BOOL;
      little.put((byte) (bool ? i % 2 : i < width ? 0xff : 37 * i + 128));
    }
    TensorValue x = TensorValue.little(type, little.flip(), 2, 3);
    try (OnnxSession session = OnnxSession.open(identity(type, -1, 3), ONE_THREAD)) {
      assertThat(session.inputs().get(0).type()).isEqualTo(type);
      assertThat(session.outputs().get(0).type()).isEqualTo(type);
      TensorValue y = session.run(Map.of("x", x)).get("y");
      assertThat(y.type()).isEqualTo(type);
      assertThat(y.dims()).containsExactly(2, 3);
      assertThat(y.toLittle()).isEqualTo(little.array());
    }
  }

  @Test
  void passesTextThrough() throws Exception {
    List<String> texts = List.of("", "plain", "été", "中文", " two\nlines ", "\uffff");
    ElementType type = ElementType.ELEMENT_TYPE_STRING;
    try (OnnxSession session = OnnxSession.open(identity(type, -1, 3), ONE_THREAD)) {
      TensorValue y = session.run(Map.of("x", TensorValue.texts(texts, 2, 3))).get("y");
      assertThat(y.type()).isEqualTo(type);
      assertThat(y.dims()).containsExactly(2, 3);
      assertThat(y.texts()).isEqualTo(texts);
    }
  }

  @Test
  void refusesTextThatTheRuntimeWouldAlter() {
    assertThatThrownBy(() -> TensorValue.texts(List.of("a", "b\0"), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("text 1 holds U+0000");
    assertThatThrownBy(() -> TensorValue.texts(List.of("\uD83D\uDE00"), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("text 0 holds U+1F600");
    assertThatThrownBy(() -> TensorValue.texts(List.of("a"), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("values: 1 (expected: 2");
  }

  @Test
  void widensIntegersByTheirSign() {
    ByteBuffer ones = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1});
    assertThat(longs(ElementType.ELEMENT_TYPE_INT8, ones, 4)).containsOnly(-1);
    assertThat(longs(ElementType.ELEMENT_TYPE_UINT8, ones, 4)).containsOnly(255);
    assertThat(longs(ElementType.ELEMENT_TYPE_INT16, ones, 2)).containsOnly(-1);
    assertThat(longs(ElementType.ELEMENT_TYPE_UINT16, ones, 2)).containsOnly(65_535);
    assertThat(longs(ElementType.ELEMENT_TYPE_INT32, ones, 1)).containsOnly(-1);
    assertThat(longs(ElementType.ELEMENT_TYPE_UINT32, ones, 1)).containsOnly(4_294_967_295L);
    assertThatThrownBy(() -> longs(ElementType.ELEMENT_TYPE_FLOAT16, ones, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("float16");
  }

  private static long[] longs(ElementType type, ByteBuffer little, long dim) {
    return TensorValue.little(type, little, dim).toLongs();
  }

  private static byte[] identity(ElementType type, long... dims) {
    int onnx = ElementTypes.toOnnx(type);
    return Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.typed("x", onnx, dims)),
                List.of(Graphs.typed("y", onnx, dims)),
                List.of(Graphs.node("Identity", "y", List.of("x")))))
        .toByteArray();
  }

  @Test
  void givesIntermediateValuesOfAnyType() throws Exception {
    OnnxModel model =
        OnnxModel.of(
            Graphs.model(
                17,
                Graphs.graph(
                        List.of(Graphs.value("x", -1, 4)),
                        List.of(Graphs.value("y", -1, 4)),
                        List.of(
                            Graphs.node("Neg", "h", List.of("x")),
                            Graphs.node("Shape", "s", List.of("h")),
                            Graphs.node(
                                "Cast", "f", List.of("s"), Attributes.intAttribute("to", 1)),
                            Graphs.node("Unsqueeze", "u", List.of("f", "axes")),
                            Graphs.node("ReduceSum", "t", List.of("u")),
                            Graphs.node("Mul", "y", List.of("h", "t"))))
                    .addInitializer(OnnxTensors.ofLongs("axes", new long[] {1}, new long[] {0}))),
            "test");
    try (OnnxSession session =
        OnnxSession.open(model.withExtraOutputs(List.of("h", "s", "x")).bytes(), ONE_THREAD)) {
      Map<String, TensorValue> x = Map.of("x", TensorValue.floats(new float[] {1, 2, 3, 4}, 1, 4));
      Map<String, TensorValue> inner = session.run(x, List.of("s", "h", "x"));
      assertThat(inner.keySet()).containsExactly("s", "h", "x");
      assertThat(inner.get("h").toFloats()).containsExactly(-1, -2, -3, -4);
      assertThat(inner.get("x").toFloats()).containsExactly(1, 2, 3, 4);
      assertThat(inner.get("s").toLongs()).containsExactly(1, 4);
      assertThat(session.outputs()).hasSize(4);
    }
  }

  @Test
  void namesTheInputThatDoesNotFit() throws Exception {
    TensorValue good = TensorValue.floats(new float[4], 1, 4);
    try (OnnxSession session = OnnxSession.open(relu(), ONE_THREAD)) {
      refuses(session, Map.of(), "input x: missing");
      refuses(session, Map.of("x", good, "z", good), "input z: no such input");
      refuses(session, Map.of("x", TensorValue.floats(new float[5], 1, 5)), "input x: dims [1, 5]");
      refuses(
          session, Map.of("x", TensorValue.longs(new long[4], 1, 4)), "int64 (expected: float32)");
      assertThatThrownBy(() -> session.run(Map.of("x", good), List.of("w")))
          .hasMessage("output w: the model has no such output");
    }
  }

  @Test
  void refusesModelThatTheRuntimeDoesNotTakeInOneLine() {
    byte[] unknown =
        Graphs.model(
                17,
                Graphs.graph(
                    List.of(Graphs.value("x", -1, 4)),
                    List.of(Graphs.value("y", -1, 4)),
                    List.of(Graphs.node("NoSuchOperator", "y", List.of("x")))))
            .toByteArray();
    for (byte[] bytes : List.of(unknown, new byte[] {1, 2, 3}, new byte[0])) {
      assertThatThrownBy(() -> OnnxSession.open(bytes, ONE_THREAD))
          .isInstanceOf(SessionException.class)
          .extracting(Throwable::getMessage)
          .asString()
          .doesNotContain("\n");
    }
  }

  @Test
  void closesTwiceAndRunsNoMore() throws Exception {
    OnnxSession session = OnnxSession.open(relu(), ONE_THREAD);
    session.close();
    session.close();
    refuses(session, Map.of("x", TensorValue.floats(new float[4], 1, 4)), "closed");
  }

  @Test
  void closeWaitsForRunsThatHaveBegun() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        OnnxSession session = OnnxSession.open(relu(), ONE_THREAD);
        List<Future<Integer>> runs =
            IntStream.range(0, 4)
                .mapToObj(i -> threads.submit(() -> runUntilClosed(session)))
                .toList();
        session.run(Map.of("x", TensorValue.floats(new float[4], 1, 4)));
        session.close();
        for (Future<Integer> run : runs) {
          assertThat(run.get()).isNotNegative();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void valuesCheckTheirSize() {
    assertThatThrownBy(() -> TensorValue.floats(new float[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("values: 3 (expected: 4");
    assertThatThrownBy(
            () ->
                TensorValue.little(ElementType.ELEMENT_TYPE_INT64, ByteBuffer.wrap(new byte[7]), 1))
        .hasMessageContaining("bytes: 7 (expected: 8");
    TensorValue read =
        TensorValue.little(
            ElementType.ELEMENT_TYPE_INT32, ByteBuffer.wrap(new byte[] {1, 2, 0, 0}), 1, 1);
    assertThat(read.toLongs()).containsExactly(513);
    assertThatThrownBy(read::toFloats).isInstanceOf(IllegalStateException.class);
  }

  private static int runUntilClosed(OnnxSession session) {
    int runs = 0;
    while (true) {
      try {
        session.run(Map.of("x", TensorValue.floats(new float[4], 1, 4)));
        runs++;
      } catch (SessionException e) {
        assertThat(e).hasMessageContaining("closed");
        return runs;
      }
    }
  }

  private static void refuses(
      OnnxSession session, Map<String, TensorValue> inputs, String message) {
    assertThatThrownBy(() -> session.run(inputs))
        .isInstanceOf(SessionException.class)
        .hasMessageContaining(message);
  }

  private static byte[] relu() {
    return Graphs.model(17, Graphs.relu()).toByteArray();
  }
}
