package dev.heirloom.runtime.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.ProbeSet;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.TinyFamily;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProbeTest {

  private static final Manifest MANIFEST =
      Manifest.newBuilder().addInputs(TinyFamily.spec("x", 3)).build();

  private static final Probe PROBE =
      new Probe(
          SampleSet.of(2)
              .input(
                  "x",
                  ElementType.ELEMENT_TYPE_UINT8,
                  List.of(3L),
                  ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}))
              .labels(1, 7, 8)
              .build(),
          new int[] {7, 9});

  @Test
  void readsWhatWasWritten() throws Exception {
    Probe read = Probe.parse(PROBE.encode(), MANIFEST);
    assertThat(read.samples().size()).isEqualTo(2);
    assertThat(read.samples().raw("x")).isEqualTo(PROBE.samples().raw("x"));
    assertThat(read.samples().label(1, 0)).isEqualTo(8);
    assertThat(read.teacherClasses()).containsExactly(7, 9);
  }

  private static final Manifest NUMBERS =
      MANIFEST.toBuilder().setTask(Task.TASK_REGRESSION).build();

  private static SampleSet.Builder two() {
    return SampleSet.of(2)
        .input(
            "x",
            ElementType.ELEMENT_TYPE_UINT8,
            List.of(3L),
            ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}));
  }

  @Test
  void carriesNumbersWithTargetsAndWithout() throws Exception {
    float[] outputs = {0.5f, -1, 2, 3};
    Probe read =
        Probe.parse(new Probe(two().targets(2, 1, 2, 3, 4).build(), outputs).encode(), NUMBERS);
    assertThat(read.teacherNumbers()).isEqualTo(outputs);
    assertThat(read.teacherClasses()).isEmpty();
    assertThat(read.samples().targetsPerSample()).isEqualTo(2);
    assertThat(read.samples().target(1, 0)).isEqualTo(3);
    Probe bare = Probe.parse(new Probe(two().build(), outputs).encode(), NUMBERS);
    assertThat(bare.teacherNumbers()).isEqualTo(outputs);
    assertThat(bare.samples().targetsPerSample()).isZero();
  }

  @Test
  void carriesClassesWithoutLabelsIfTheFamilyHasNone() throws Exception {
    byte[] bytes = new Probe(two().build(), new int[] {7, 9}).encode();
    Probe read = Probe.parse(bytes, MANIFEST.toBuilder().setUnlabelled(true).build());
    assertThat(read.samples().labelled()).isFalse();
    assertThat(read.teacherClasses()).containsExactly(7, 9);
    assertThatThrownBy(() -> Probe.parse(bytes, MANIFEST))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("0 labels and 2 teacher's classes");
  }

  @Test
  void namesWhatIsWrongWithNumbers() {
    byte[] bytes = new Probe(two().targets(1, 1, 2).build(), new float[] {1, 2}).encode();
    refuses(bytes, p -> p.clearTeacherOutputs(), "0 teacher's outputs");
    refuses(bytes, p -> p.setTeacherOutputs(ByteString.copyFrom(new byte[7])), "7 bytes");
    refuses(bytes, p -> p.setTargets(ByteString.copyFrom(new byte[16])), "4 targets");
    refuses(bytes, p -> p.addLabels(1).addLabels(2), "2 labels");
    refuses(
        bytes,
        p -> p.setTeacherOutputs(ByteString.copyFrom(new byte[] {0, 0, -64, 127, 0, 0, 0, 0})),
        "hold NaN");
  }

  private static void refuses(byte[] probe, Consumer<ProbeSet.Builder> change, String message) {
    assertThatThrownBy(
            () -> {
              ProbeSet.Builder builder = ProbeSet.parseFrom(probe).toBuilder();
              change.accept(builder);
              Probe.parse(builder.build().toByteArray(), NUMBERS);
            })
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void namesWhatIsWrong() {
    refuses(p -> p.setFormat(3), "format 3");
    refuses(p -> p.setSamples(0), "0 samples");
    refuses(p -> p.setSamples(-1), "4294967295 samples");
    refuses(p -> p.setSamples(3), "holds 6 bytes (expected: 9)");
    refuses(p -> p.clearInputs(), "no values for input x");
    refuses(p -> p.getInputsBuilder(0).setDims(0, 4), "axes [4] (expected: [3])");
    refuses(p -> p.getInputsBuilder(0).clearType(), "no element type");
    refuses(
        p -> p.getInputsBuilder(0).setType(ElementType.ELEMENT_TYPE_STRING),
        "input x is string (expected: float32, int32, int64 or uint8)");
    refuses(
        p -> p.getInputsBuilder(0).setValues(ByteString.copyFrom(new byte[5])), "holds 5 bytes");
    refuses(p -> p.clearLabels(), "0 labels");
    refuses(p -> p.addTeacherClasses(1), "3 teacher's classes");
    refuses(p -> p.setTeacherClasses(0, -1), "class -1");
    assertThatThrownBy(() -> Probe.parse(new byte[] {8}, MANIFEST))
        .isInstanceOf(MalformedException.class);
  }

  private static void refuses(Consumer<ProbeSet.Builder> change, String message) {
    assertThatThrownBy(
            () -> {
              ProbeSet.Builder builder = ProbeSet.parseFrom(PROBE.encode()).toBuilder();
              change.accept(builder);
              Probe.parse(builder.build().toByteArray(), MANIFEST);
            })
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }
}
