package dev.heirloom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The floor is one half; a window is the share of right answers and the promotions so far. */
class SilenceTest {
  private static WindowLog.Seen seen(double share, int promotions) {
    Device.Builder device = Device.newBuilder();
    device.addDecisions(Decision.newBuilder().setToRung(1));
    device.addDecisions(Decision.newBuilder().setFromRung(3).setToRung(1));
    for (int i = 0; i < promotions; i++) {
      device.addDecisions(Decision.newBuilder().setFromRung(1).setToRung(2));
    }
    Window window =
        Window.newBuilder().setLabelled(100).setCorrect(Math.round(100 * share)).build();
    return new WindowLog.Seen(window, device.build());
  }

  private static Silence of(WindowLog.Seen... windows) {
    return Silence.of(List.of(windows), 0.5);
  }

  @Test
  void allowsThreeWindowsInARow() {
    List<WindowLog.Seen> windows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      windows.add(seen(0.4, 0));
    }
    assertThat(Silence.of(windows.subList(0, 3), 0.5)).isEqualTo(new Silence(3, 0));
    assertThat(Silence.of(windows, 0.5)).isEqualTo(new Silence(4, 1));
  }

  @Test
  void beginsANewRowAfterAWindowThatIsGoodEnough() {
    assertThat(
            of(seen(0.4, 0), seen(0.4, 0), seen(0.5, 0), seen(0.4, 0), seen(0.4, 0), seen(0.4, 0)))
        .isEqualTo(new Silence(5, 0));
  }

  @Test
  void hearsAPromotionSinceTheFirstOfTheRowButNoneBefore() {
    assertThat(of(seen(0.9, 0), seen(0.4, 1), seen(0.4, 1), seen(0.4, 1), seen(0.4, 1)))
        .as("the first window of the row caused it")
        .isEqualTo(new Silence(4, 0));
    assertThat(of(seen(0.9, 1), seen(0.4, 1), seen(0.4, 1), seen(0.4, 1), seen(0.4, 1)))
        .isEqualTo(new Silence(4, 1));
  }

  @Test
  void leavesOutWindowsWithFewLabels() {
    WindowLog.Seen few =
        new WindowLog.Seen(Window.newBuilder().setLabelled(5).build(), Device.getDefaultInstance());
    assertThat(of(seen(0.4, 0), few, few, few, few)).isEqualTo(new Silence(1, 0));
  }
}
