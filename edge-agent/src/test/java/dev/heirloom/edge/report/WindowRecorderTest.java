package dev.heirloom.edge.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.edge.slot.HeirIdentity;
import dev.heirloom.edge.slot.ProbeResult;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.family.Digest;
import java.nio.ByteBuffer;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class WindowRecorderTest {
  private static final HeirIdentity HEIR = new HeirIdentity("small", Digest.of(new byte[] {1}), 2);

  private final WindowRecorder recorder =
      new WindowRecorder(
          HEIR, new ProbeResult(40, 30, 35), Source.SOURCE_TRAFFIC, 1_000, 5_000_000_000L);

  @Test
  void windowSaysWhatWasMeasured() throws Exception {
    for (int i = 1; i <= 100; i++) {
      recorder.answered(i * 1_000_000L, i * 500_000L);
    }
    recorder.scored(4, 3.0, 0.8);
    recorder.failed();
    recorder.labelled(10, 7);
    Window window = recorder.roll(11_000, 15_000_000_000L).build();
    assertThat(window.getStartUnixMs()).isEqualTo(1_000);
    assertThat(window.getDurationMs()).isEqualTo(10_000);
    assertThat(window.getRung()).isEqualTo(2);
    assertThat(window.getFamily()).isEqualTo("small");
    assertThat(window.getManifestSha256()).isEqualTo(HEIR.manifest().bytes());
    assertThat(window.getSource()).isEqualTo(Source.SOURCE_TRAFFIC);
    assertThat(window.getErrors()).isEqualTo(1);
    assertThat(window.getLabelled()).isEqualTo(10);
    assertThat(window.getCorrect()).isEqualTo(7);
    assertThat(window.getProbeSamples()).isEqualTo(40);
    assertThat(window.getProbeAgreeing()).isEqualTo(35);
    assertThat(window.getMeanConfidence()).isEqualTo(0.75);
    assertThat(window.getMeanEntropy()).isEqualTo(0.2);
    assertThat(window.getRequest().getCount()).isEqualTo(100);
    assertThat((double) window.getRequest().getP95Ns()).isCloseTo(95e6, within(95e3));
    assertThat((double) window.getSession().getP50Ns()).isCloseTo(25e6, within(25e3));
    Histogram histogram =
        Histogram.decodeFromCompressedByteBuffer(
            ByteBuffer.wrap(window.getRequest().getHistogram().toByteArray()), 1);
    assertThat(histogram.getTotalCount()).isEqualTo(100);
    assertThat(histogram.getValueAtPercentile(95)).isEqualTo(window.getRequest().getP95Ns());
  }

  @Test
  void scoresThatAreNoNumbersAreLeftOut() {
    recorder.scored(1, Double.NaN, Double.NaN);
    recorder.scored(2, 1.0, 0.5);
    Window window = recorder.roll(11_000, 15_000_000_000L).build();
    assertThat(window.getMeanConfidence()).isEqualTo(0.5);
    assertThat(window.getMeanEntropy()).isEqualTo(0.25);
  }

  @Test
  void nextWindowBeginsWhereTheLastEndedAndEmpty() {
    recorder.answered(1_000_000, 900_000);
    recorder.roll(11_000, 15_000_000_000L);
    assertThat(recorder.isEmpty()).isTrue();
    Window next = recorder.roll(12_000, 16_500_000_000L).build();
    assertThat(next.getStartUnixMs()).isEqualTo(11_000);
    assertThat(next.getDurationMs()).isEqualTo(1_500);
    assertThat(next.getRequest().getCount()).isZero();
    assertThat(next.getRequest().getHistogram().isEmpty()).isTrue();
    assertThat(next.getProbeSamples()).isEqualTo(40);
  }

  @Test
  void latenciesBeyondTheScaleAreCountedAtItsEnd() {
    recorder.answered(Long.MAX_VALUE, -5);
    Window window = recorder.roll(0, 0).build();
    assertThat(window.getRequest().getCount()).isEqualTo(1);
    assertThat(window.getRequest().getMaxNs()).isGreaterThanOrEqualTo(60_000_000_000L);
  }

  @Test
  void readsResidentMemoryFromTheStatusFile() {
    assertThat(ResourceUsage.residentBytes("Name:\tjava\nVmRSS:\t  163840 kB\nThreads:\t9\n"))
        .hasValue(163_840L * 1024);
    assertThat(ResourceUsage.residentBytes("Name:\tjava\n")).isEmpty();
    assertThat(new ResourceUsage(System.nanoTime()).residentBytes()).isPositive();
  }

  @Test
  void processorTimeIsPerWallTime() {
    ResourceUsage usage = new ResourceUsage(0);
    assertThat(usage.cpuCores(1_000_000_000L)).isBetween(0.0, 1_000.0);
    assertThat(usage.cpuCores(1_000_000_000L)).isZero();
  }
}
