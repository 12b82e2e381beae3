package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Timing;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.TinyFamily;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LadderTimingTest {

  private static final ProbeTimes PROBES = new ProbeTimes(1, List.of(10L, 20L));
  private static final LadderTiming.OfRung HALF = new LadderTiming.OfRung(100, List.of(0.5, 0.5));

  private TinyFamily family;

  @BeforeEach
  void makeFamily() throws Exception {
    family = TinyFamily.linear();
  }

  @Test
  void comesBackFromAManifest() throws Exception {
    LadderTiming timing = new LadderTiming(2, PROBES, Collections.nCopies(3, HALF));
    Manifest manifest = family.change().addTimings(timing.toManifest()).build();
    assertThat(Ladder.of(Manifests.parse(manifest.toByteArray())).timings())
        .containsExactly(timing);
  }

  @Test
  void aManifestWithoutTimingsHasNothingToPredictFrom() {
    assertThat(Ladder.of(family.manifest()).timings()).isEmpty();
  }

  @Test
  void aManifestIsRefusedWhoseTimingsAreWrong() {
    refused(t -> t.setThreads(0), "timing: threads 0 (expected: 1..1024)");
    refused(t -> t.setThreads(-1), "timing: threads 4294967295");
    refused(t -> t.setProbeSet(0), "probes: version 0 with 2 times");
    refused(t -> t.clearProbeNs(), "probes: version 1 with 0 times");
    refused(t -> t.setProbeNs(1, 0), "probes: 0 ns (expected: 1..60000000000)");
    refused(t -> t.setProbeNs(1, -1), "probes: 18446744073709551615 ns");
    refused(t -> t.addAllProbeNs(Collections.nCopies(9, 1L)), "probes: 11 times");
    refused(t -> t.addProbeNs(1), "timing: 2 shares (expected: 3, one per probe)");
    refused(t -> t.removeRungs(0), "timing: 2 rungs (expected: 3)");
    refused(t -> t.getRungsBuilder(1).setP50Ns(0), "timing: p50 0 ns");
    refused(t -> t.getRungsBuilder(1).setShares(0, -0.1), "timing: share -0.1");
    refused(t -> t.getRungsBuilder(1).setShares(0, Double.NaN), "timing: share NaN");
    refused(t -> t.getRungsBuilder(1).setShares(0, 0.4), "timing: shares add up to 0.9");
  }

  @Test
  void aManifestIsRefusedThatWasTimedTooOften() {
    Timing timing = new LadderTiming(1, PROBES, Collections.nCopies(3, HALF)).toManifest();
    Manifest manifest = family.change().addAllTimings(Collections.nCopies(9, timing)).build();
    assertThatThrownBy(() -> Manifests.parse(manifest.toByteArray()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("timings: 9 (expected: at most 8)");
  }

  @Test
  void onlyTimesOfOneSetAreComparable() {
    assertThat(PROBES.comparable(new ProbeTimes(1, List.of(3L, 4L)))).isTrue();
    assertThat(PROBES.comparable(new ProbeTimes(2, List.of(3L, 4L)))).isFalse();
    assertThat(PROBES.comparable(new ProbeTimes(1, List.of(3L)))).isFalse();
    assertThat(ProbeTimes.NONE.comparable(ProbeTimes.NONE)).isFalse();
  }

  private void refused(Consumer<Timing.Builder> change, String message) {
    Timing.Builder timing =
        new LadderTiming(1, PROBES, Collections.nCopies(3, HALF)).toManifest().toBuilder();
    change.accept(timing);
    Manifest manifest = family.change().addTimings(timing).build();
    assertThatThrownBy(() -> Manifests.parse(manifest.toByteArray()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }
}
