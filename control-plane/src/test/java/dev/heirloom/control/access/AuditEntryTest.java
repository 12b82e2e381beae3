package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AuditEntryTest {
  private static AuditEntry entry(String object) {
    return new AuditEntry(0, Instant.EPOCH, "nobody", "::1", "Agents/Enrol", object, "OK", "");
  }

  @Test
  void takesNoCommandOfATerminalAndNoEndOfALine() {
    assertThat(entry("a\n\u001b[2Jb\u009b2Jc\u0085d\u2028e\u202ef\u200bg").object())
        .isEqualTo("a [2Jb 2Jc d e f g");
  }

  @Test
  void isCutBetweenCharacters() {
    String object = "x".repeat(999) + "😀".repeat(5);
    assertThat(entry(object).object()).isEqualTo("x".repeat(999) + "…");
    assertThat(entry("\ud83d").object()).isEqualTo(" ");
    assertThat(entry("😀").object()).isEqualTo("😀");
  }
}
