package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.proto.v1.WireFormat;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.TinyFamily;
import dev.heirloom.runtime.measure.Purpose;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManifestsTest {

  private TinyFamily family;

  @BeforeEach
  void makeFamily() throws Exception {
    family = TinyFamily.linear();
  }

  @Test
  void namesWhatEachRungNeeds() throws Exception {
    Manifest manifest = family.manifest();
    List<Blob> first = Manifests.needed(manifest, 1);
    List<Blob> third = Manifests.needed(manifest, 3);
    assertThat(first).hasSize(4).contains(manifest.getSkeleton(), manifest.getRungs(0).getPatch());
    assertThat(third).hasSize(6).doesNotContain(manifest.getRungs(0).getPatch());
    assertThat(Manifests.all(manifest)).hasSize(8).startsWith(first.toArray(Blob[]::new));
    assertThat(Manifests.probe(manifest)).isEmpty();
    assertThat(Manifests.sizeBytes(manifest, 3))
        .isEqualTo(third.stream().mapToLong(Blob::getSizeBytes).sum());
  }

  /** Written before tasks other than classes were known, by {@link TinyFamily#linear}. */
  @Test
  void readsWhatTheFirstVersionWrote() throws Exception {
    byte[] old;
    try (InputStream in = ManifestsTest.class.getResourceAsStream("manifest-1.bin")) {
      old = Objects.requireNonNull(in).readAllBytes();
    }
    Manifest manifest = Manifests.parse(old);
    assertThat(manifest.getTask()).isEqualTo(Task.TASK_CLASSIFICATION);
    assertThat(manifest.getUnlabelled()).isFalse();
    assertThat(Purpose.of(manifest)).isEqualTo(Purpose.of(Task.TASK_CLASSIFICATION));
    assertThat(Ladder.of(manifest).size()).isEqualTo(3);
    assertThat(manifest.toByteArray()).isEqualTo(old);
  }

  @Test
  void readsEveryTask() throws Exception {
    for (String title : Purpose.titles()) {
      Task task = Purpose.task(title).orElseThrow();
      Manifest manifest = family.change().setTask(task).setAnswer("y").build();
      assertThat(Purpose.of(Manifests.parse(manifest.toByteArray())))
          .isEqualTo(new Purpose(task, "y"));
    }
  }

  @Test
  void givesTheLadder() {
    Ladder ladder = Ladder.of(family.manifest());
    assertThat(ladder.size()).isEqualTo(3);
    assertThat(ladder.top().ranks()).containsExactly(4);
    assertThat(ladder.rung(2).ranks()).containsExactly(2);
    assertThatThrownBy(() -> ladder.rung(4)).hasMessage("rung: 4 (expected: 1..3)");
  }

  @Test
  void refusesEveryTruncation() {
    byte[] whole = family.manifest().toByteArray();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Manifests.parse(part))
          .as("the first %d of %d bytes", length, whole.length)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void refusesOversizedManifest() {
    assertThatThrownBy(() -> Manifests.parse(new byte[Manifests.MAX_BYTES + 1]))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("bytes (expected");
  }

  @Test
  void namesTheFieldThatIsWrong() {
    refuses(m -> m.setFormat(2), "format: 2 (expected: 1)");
    refuses(m -> m.setName("../x"), "name: '../x'");
    refuses(m -> m.setName("..\n"), "name: '..?'");
    refuses(m -> m.clearTask(), "task: not given");
    refuses(m -> m.setTaskValue(99), "task: 99 is unknown");
    refuses(m -> m.setAnswer("z"), "answer: no output is named 'z'");
    refuses(m -> m.getRungsBuilder(1).setProbeAgreement(2), "rung 2: probe agreement 2.0");
    refuses(m -> m.clearInputs(), "inputs: none");
    refuses(m -> m.getInputsBuilder(0).setDims(0, 0), "axis of 0");
    refuses(m -> m.getInputsBuilder(0).setDims(0, Long.MAX_VALUE), "axis of");
    refuses(m -> m.getInputsBuilder(0).setTypeValue(77), "element type");
    refuses(m -> m.clearPreprocessing(), "preprocessing: 0 (expected: 1");
    refuses(m -> m.getPreprocessingBuilder(0).setScale(Float.NaN), "scale NaN");
    refuses(m -> m.getPreprocessingBuilder(0).setInput("z"), "for another input");
    refuses(m -> m.getPreprocessingBuilder(0).addMean(1).addDeviation(0), "deviation 0.0");
    refuses(
        m -> m.getPreprocessingBuilder(0).addMean(1).addMean(2).addDeviation(1).addDeviation(1),
        "2 means");
    refuses(m -> m.clearSkeleton(), "skeleton: digest of 0 bytes");
    refuses(m -> m.getSkeletonBuilder().setSizeBytes(-1), "skeleton: 18446744073709551615 bytes");
    refuses(m -> m.getDenseBuilder(0).setWireValue(9), "dense gain: wire format unknown");
    refuses(m -> m.addDense(m.getDense(0)), "dense: a second gain");
    refuses(m -> m.clearRungs(), "rungs: 0");
    refuses(m -> m.clearLayers(), "layers: 0");
    refuses(m -> m.getProbeBuilder().setSizeBytes(3), "probe: digest");
  }

  @Test
  void refusesRungsThatDoNotFitTheLadder() {
    refuses(m -> m.getRungsBuilder(1).setRung(7), "rung: 7 (expected: 2)");
    refuses(m -> m.getRungsBuilder(1).addRanks(2), "rung 2: 2 ranks (expected: 1");
    refuses(m -> m.getRungsBuilder(2).setRanks(0, 1), "falls from 2 to 1");
    refuses(m -> m.getRungsBuilder(2).setRanks(0, 3), "rank 3 at rung 3 (expected: 4");
    refuses(m -> m.getRungsBuilder(0).setAccuracy(1.5), "accuracy: 1.5");
    refuses(m -> m.getRungsBuilder(0).setAccuracy(Double.NaN), "accuracy: NaN");
    refuses(m -> m.getRungsBuilder(0).clearPatch(), "patch of rung 1");
    refuses(m -> m.getRungsBuilder(0).setSizeBytes(1), "rung 1: 1 bytes (expected:");
  }

  @Test
  void refusesLayersWhoseBandsDoNotFit() {
    refuses(m -> m.getLayersBuilder(0).clearKind(), "kind");
    refuses(m -> m.getLayersBuilder(0).setHeads(-1), "heads: 4294967295");
    refuses(m -> m.getLayersBuilder(0).setInputs(1 << 30), "inputs: 1073741824");
    refuses(m -> m.getLayersBuilder(0).addKernel(3), "with a kernel");
    refuses(m -> m.addLayers(m.getLayers(0)), "ranks");
    refuses(m -> m.getLayersBuilder(0).getBandsBuilder(1).setFromRank(0), "band 0..2");
    refuses(m -> m.getLayersBuilder(0).getBandsBuilder(2).setToRank(9), "band 2..9");
    refuses(m -> m.getLayersBuilder(0).getBandsBuilder(1).setRung(1), "for rung 1");
    refuses(m -> m.getLayersBuilder(0).getBandsBuilder(1).setRung(-1), "for rung 4294967295");
    refuses(
        m -> m.getLayersBuilder(0).getBandsBuilder(0).getBlobBuilder().setSizeBytes(4),
        "band 0..1: 4 bytes (expected: 76)");
    refuses(
        m -> m.getLayersBuilder(0).getBandsBuilder(0).setWire(WireFormat.WIRE_FORMAT_FLOAT16),
        "band 0..1: 76 bytes (expected: 38)");
    refuses(
        m -> m.getLayersBuilder(0).getBandsBuilder(0).setWireValue(2),
        "band 0..1: wire format unknown (expected: one of [fp32, fp16])");
    refuses(
        m ->
            m.getLayersBuilder(0)
                .getBandsBuilder(0)
                .getBlobBuilder()
                .setSha256(ByteString.copyFromUtf8("short")),
        "digest of 5 bytes");
  }

  private void refuses(Consumer<Manifest.Builder> change, String message) {
    Manifest.Builder builder = family.change();
    change.accept(builder);
    assertThatThrownBy(() -> Manifests.parse(builder.build().toByteArray()))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith("manifest: ")
        .hasMessageContaining(message);
  }
}
