package dev.heirloom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.bench.RolloutTrial.Result;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmark does, with few devices and few kills. */
class RolloutsIT {
  private static final int DEVICES = 40;
  private static final int CANARY = 4;

  @Test
  void takesABadVersionBackAndBringsAGoodOneWhoeverIsKilled(@TempDir Path directory)
      throws Exception {
    StringBuilder said = new StringBuilder();
    Run run =
        new Run(
            true,
            directory,
            line -> said.append(line).append('\n'),
            () -> false,
            OptionalLong.empty(),
            OptionalLong.empty());
    Family old = RolloutsBenchmark.version(run, 120);
    Family target = RolloutsBenchmark.version(run, 140);
    RolloutTrial trial = new RolloutTrial(run, old, target, DEVICES, CANARY, 2);

    Result bad = trial.run("bad", trial.model(0, 2, ""));
    Result good = trial.run("good", trial.model(0, 1, ""));

    assertThat(bad.haltedInCanary()).as(said.toString()).isTrue();
    assertThat(bad.touched()).as(said.toString()).isLessThanOrEqualTo(CANARY);
    assertThat(bad.onOld()).as(said.toString()).isEqualTo(DEVICES);
    assertThat(good.completed()).as(said.toString()).isTrue();
    assertThat(good.onTarget()).as(said.toString()).isEqualTo(DEVICES);
  }
}
