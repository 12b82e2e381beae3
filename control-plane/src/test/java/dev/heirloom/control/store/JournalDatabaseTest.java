package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalDatabaseTest {
  private final Path directory;

  JournalDatabaseTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void keepsItsRowsAfterAReopen() throws Exception {
    try (JournalDatabase database = JournalDatabase.open(directory)) {
      assertThat(database.answers()).isTrue();
      execute(database, "INSERT INTO \"event_tag\" SELECT 1, 'x' WHERE FALSE");
    }
    try (JournalDatabase database = JournalDatabase.open(directory)) {
      assertThat(database.answers()).isTrue();
    }
  }

  @Test
  void writesEachCommitToTheFileBeforeItReturns() throws Exception {
    Path copy = directory.resolve("copy");
    try (JournalDatabase database = JournalDatabase.open(directory.resolve("db"))) {
      execute(
          database,
          "INSERT INTO \"snapshot\" VALUES ('p', 1, 2, 3, 'm', X'0102', NULL, NULL, NULL)");
      // What a killed process leaves is what the file holds now.
      Files.createDirectories(copy);
      Files.copy(directory.resolve("db/journal.mv.db"), copy.resolve("journal.mv.db"));
    }
    try (JournalDatabase database = JournalDatabase.open(copy);
        var connection = DriverManager.getConnection(database.url(), "sa", "");
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT COUNT(*) FROM \"snapshot\"")) {
      rows.next();
      assertThat(rows.getInt(1)).isEqualTo(1);
    }
  }

  @Test
  void refusesALayoutThatItDoesNotKnow() throws Exception {
    try (JournalDatabase database = JournalDatabase.open(directory)) {
      execute(database, "UPDATE \"layout\" SET \"version\" = 2");
    }
    assertThatThrownBy(() -> JournalDatabase.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has layout 2 (expected: 1)");
  }

  @Test
  void refusesAFileThatIsNoDatabase() throws Exception {
    Files.writeString(directory.resolve("journal.mv.db"), "no database at all ".repeat(1000));
    assertThatThrownBy(() -> JournalDatabase.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("journal in " + directory + " cannot be opened")
        .message()
        .doesNotContain("\n");
  }

  private static void execute(JournalDatabase database, String sql) throws Exception {
    try (var connection = DriverManager.getConnection(database.url(), "sa", "");
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
