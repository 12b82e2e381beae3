package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.access.AuditEntry;
import dev.heirloom.control.access.DeviceCertificate;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessTablesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path directory;

  private interface Work {
    void with(AccessTables tables) throws Exception;
  }

  private void opened(Work work) throws Exception {
    try (JournalDatabase journal = JournalDatabase.open(directory);
        AccessTables tables = AccessTables.open(journal.url())) {
      work.with(tables);
    }
  }

  private static AuditEntry entry(String object, String outcome) {
    return new AuditEntry(0, NOW, "nobody", "::1", "A/B", object, outcome, "");
  }

  @Test
  void ofWhatWasRefusedTheNewestStay() throws Exception {
    opened(
        tables -> {
          for (int i = 0; i < 5; i++) {
            tables.append(
                List.of(entry("done-" + i, "OK"), entry("refused-" + i, "UNAUTHENTICATED")));
          }
          tables.forgetRefused(9);
          assertThat(tables.audit(Long.MAX_VALUE, 100)).hasSize(10);
          tables.forgetRefused(2);
          assertThat(tables.audit(Long.MAX_VALUE, 100))
              .extracting(AuditEntry::object)
              .containsExactly(
                  "refused-4", "done-4", "refused-3", "done-3", "done-2", "done-1", "done-0");
        });
  }

  @Test
  void whatWasRevokedStaysRevoked() throws Exception {
    DeviceCertificate issued =
        new DeviceCertificate(
            0,
            "7f",
            "cam-1",
            "",
            new DeviceCertificate.Encoded(new byte[] {1}),
            NOW,
            NOW.plusSeconds(60),
            Optional.empty());
    opened(
        tables -> {
          tables.issue(issued, Optional.empty());
          assertThat(tables.revokedBefore()).isEmpty();
          tables.revoke(List.of("7f"), Optional.of("cam-1"), NOW.minusSeconds(1));
          tables.revoke(List.of(), Optional.of("cam-1"), NOW);
        });
    opened(
        tables -> {
          assertThat(tables.revokedSerials(NOW)).containsExactly("7f");
          assertThat(tables.revokedBefore()).containsOnlyKeys("cam-1").containsValue(NOW);
        });
  }
}
