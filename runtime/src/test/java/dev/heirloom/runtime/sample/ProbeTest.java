package dev.heirloom.runtime.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.ProbeSet;
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
