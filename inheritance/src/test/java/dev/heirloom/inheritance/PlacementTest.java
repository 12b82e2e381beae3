package dev.heirloom.inheritance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.runtime.session.Device;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final Optional<String> NO_DRIVER = Optional.of("no driver");

  @Test
  void theProcessorAloneIsTakenWhereItIsAskedFor() throws Exception {
    Placement placement = Placement.of("cpu");

    assertThat(placement.describe()).isEqualTo("processor: every stage (--device cpu)");
    assertThat(placement.sessions(2).device()).isEqualTo(Device.CPU);
  }

  @Test
  void eachLibraryUsesTheGpuWhereItCan() {
    Placement both = new Placement(Optional.empty(), Optional.empty());
    Placement trainer = new Placement(Optional.empty(), NO_DRIVER);
    Placement runtime = new Placement(NO_DRIVER, Optional.empty());

    assertThat(both.describe()).startsWith("GPU: calibrate, fine-tune, recalibrate, evaluate;");
    assertThat(both.sessions(2).device()).isEqualTo(Device.CUDA);
    assertThat(trainer.describe())
        .isEqualTo("GPU: fine-tune, recalibrate; processor: everything else (no driver)");
    assertThat(trainer.sessions(2).device()).isEqualTo(Device.CPU);
    assertThat(runtime.describe())
        .isEqualTo("GPU: calibrate, evaluate; processor: everything else (no driver)");
  }

  @Test
  void aGpuThatIsAskedForAndMissingIsRefusedWithWhatIsMissing() {
    assumeTrue(NestedTrainer.cudaMissing().isPresent());

    assertThatThrownBy(() -> Placement.of("cuda"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.reasons()).first().asString().startsWith("fine-tune: ");
              assertThat(e.reasons()).last().asString().contains("--device auto");
            })
        .hasMessage("--device cuda: the fine-tune cannot run on a GPU");
  }

  @Test
  void aGpuThatIsMissingIsDoneWithoutUnlessItIsAskedFor() throws Exception {
    String missing = NestedTrainer.cudaMissing().orElse("");
    assumeTrue(!missing.isEmpty());

    assertThat(Placement.of("auto").trains()).isFalse();
    assertThat(Placement.of("auto").describe()).contains(missing);
  }
}
