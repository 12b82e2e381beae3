package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.inheritance.Stage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long nowNs;

  private Streams streams(int columns) {
    PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return new Streams(messages, messages, columns);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private void seconds(long seconds) {
    nowNs += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void drawsStageStepLossAndTimeLeftOnATerminal() {
    TerminalProgress progress = new TerminalProgress(streams(100), () -> nowNs, () -> false);

    progress.stage(Stage.FINE_TUNE);
    seconds(10);
    progress.step(100, 300, OptionalDouble.of(0.5));

    assertThat(written()).contains("fine-tune").contains("100/300  loss 0.5000  0:20 left");
  }

  @Test
  void keepsToTheWidthOfTheTerminal() {
    TerminalProgress progress = new TerminalProgress(streams(20), () -> nowNs, () -> false);

    progress.step(100, 300, OptionalDouble.of(0.5));

    assertThat(written().replace("\r\u001b[K", "")).hasSize(19);
  }

  @Test
  void leavesACleanLineBehind() {
    TerminalProgress progress = new TerminalProgress(streams(80), () -> nowNs, () -> false);

    progress.stage(Stage.LADDER);
    progress.note("3 layers stay dense");
    progress.close();

    assertThat(written()).endsWith("\r\u001b[K3 layers stay dense\n");
  }

  @Test
  void isSilentAboutAStageThatNeverGotAnywhere() {
    PlainProgress progress = new PlainProgress(streams(0), () -> nowNs, () -> false);

    progress.stage(Stage.READ);
    progress.close();

    assertThat(written()).isEmpty();
  }

  @Test
  void printsALineForAStageAndThenNowAndThen() {
    PlainProgress progress = new PlainProgress(streams(0), () -> nowNs, () -> false);

    progress.stage(Stage.FINE_TUNE);
    for (int step = 1; step <= 30; step++) {
      seconds(1);
      progress.step(step, 60, OptionalDouble.of(1));
    }

    assertThat(written())
        .isEqualTo(
            """
            fine-tune
            fine-tune: 10 of 60, loss 1.0000, 0:50 left
            fine-tune: 20 of 60, loss 1.0000, 0:40 left
            fine-tune: 30 of 60, loss 1.0000, 0:30 left
            """);
  }

  @Test
  void saysNothingBeforeTheSecondStageBegins() {
    PlainProgress progress = new PlainProgress(streams(0), () -> nowNs, () -> false);

    progress.stage(Stage.READ);
    assertThat(written()).isEmpty();

    progress.stage(Stage.CALIBRATE);
    progress.stage(Stage.FACTOR);
    assertThat(written()).isEqualTo("read\ncalibrate\nfactor\n");
  }
}
