package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class UploadRoomTest {
  private static final long RESERVED = 64L << 20;

  @Test
  void countsWhatIsOnItsWayAgainstTheDisk() throws IOException {
    UploadRoom room = new UploadRoom(() -> RESERVED + 100, Long.MAX_VALUE);
    assertThat(room.take(60, 0)).isEmpty();
    assertThat(room.take(60, 0))
        .contains(new UploadRoom.Lack("disk space", "60 bytes are to come (free: 40)"));
    assertThat(room.take(40, 0)).isEmpty();
    room.giveBack(60);
    assertThat(room.take(60, 0)).isEmpty();
  }

  @Test
  void countsWhatIsOnItsWayAgainstWhatAllMayTake() throws IOException {
    UploadRoom room = new UploadRoom(() -> Long.MAX_VALUE, 100);
    assertThat(room.take(30, 50)).isEmpty();
    assertThat(room.take(21, 50).orElseThrow().description()).contains("--upload-limit: 20");
    assertThat(room.take(1, 200).orElseThrow().limit()).isEqualTo("uploads");
  }
}
