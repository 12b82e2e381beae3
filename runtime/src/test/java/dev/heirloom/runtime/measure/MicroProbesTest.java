package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MicroProbesTest {

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  void givesATimeForEveryProbe() throws Exception {
    ProbeTimes times = MicroProbes.measure(SessionSettings.cpu(1));
    assertThat(times.version()).isEqualTo(MicroProbes.VERSION);
    assertThat(times.ns()).hasSize(MicroProbe.values().length).allMatch(ns -> ns > 0);
    assertThat(times.ns().get(MicroProbe.CONVOLUTION_DENSE.ordinal()))
        .as("a convolution of 29 million multiply-accumulates against none, in %s", times)
        .isGreaterThan(times.ns().get(MicroProbe.RUN.ordinal()));
  }

  @Test
  void hasNoMoreProbesThanAProfileTakes() {
    assertThat(MicroProbe.values()).hasSizeLessThanOrEqualTo(ProbeTimes.MOST);
  }

  /** A change to a graph needs a new version: times of both must not be compared. */
  @Test
  void isTheGraphsOfItsVersion() throws Exception {
    ByteArrayOutputStream graphs = new ByteArrayOutputStream();
    for (MicroProbe probe : MicroProbe.values()) {
      graphs.write(probe.onnx());
    }
    assertThat(Digest.of(graphs.toByteArray()).hex())
        .isEqualTo("0f0e612cdad33933624b7ab9efa5a1b17cb53fa976d38fcb0b25669c59ca2060");
    assertThat(MicroProbes.VERSION).isEqualTo(1);
  }

  @Test
  void isTheSameGraphsEveryTime() throws Exception {
    for (MicroProbe probe : MicroProbe.values()) {
      assertThat(probe.onnx()).as(probe.name()).isEqualTo(probe.onnx());
      assertThat(OnnxModel.parse(probe.onnx(), probe.name()).inputs()).hasSize(1);
    }
  }
}
