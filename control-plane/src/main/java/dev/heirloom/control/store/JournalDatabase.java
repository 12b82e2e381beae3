package dev.heirloom.control.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The embedded database that holds the twins' journal and snapshots, in one file. It is kept open
 * from {@link #open} to {@link #close}, whoever else in this process connects to {@link #url}.
 */
public final class JournalDatabase implements AutoCloseable {
  private static final int LAYOUT = 1;
  private static final int PING_SECONDS = 2;

  private final String url;
  private final Connection connection;

  private JournalDatabase(String url, Connection connection) {
    this.url = url;
    this.connection = connection;
  }

  /**
   * Opens the database in {@code directory} and creates what it lacks.
   *
   * @throws IOException with one line that says why it cannot be used
   */
  public static JournalDatabase open(Path directory) throws IOException {
    Files.createDirectories(directory);
    // Without a write delay every commit reaches the file before it is acknowledged, so that a
    // killed process loses
    // nothing; without a retention time the space of old pages is used again at once. The caller's
    // lock on the
    // directory replaces H2's own.
    String url =
        "jdbc:h2:file:"
            + directory.toAbsolutePath().resolve("journal")
            + ";DB_CLOSE_ON_EXIT=FALSE;DB_CLOSE_DELAY=-1;FILE_LOCK=NO;TRACE_LEVEL_FILE=4"
            + ";WRITE_DELAY=0;RETENTION_TIME=0";
    try {
      Connection connection = DriverManager.getConnection(url, "sa", "");
      try {
        createTables(connection);
        checkLayout(connection, directory);
      } catch (SQLException | IOException e) {
        connection.close();
        throw e;
      }
      return new JournalDatabase(url, connection);
    } catch (SQLException e) {
      throw new IOException("journal in " + directory + " cannot be opened: " + firstLine(e), e);
    }
  }

  /** What other connections in this process open; user {@code sa}, no password. */
  public String url() {
    return url;
  }

  /** Whether the database answers. */
  public boolean answers() {
    try {
      return connection.isValid(PING_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Writes a ZIP file with the database as it is at one moment, while it is used.
   *
   * @param zip replaced where it exists
   */
  void backup(Path zip) throws IOException {
    try (PreparedStatement statement = connection.prepareStatement("BACKUP TO ?")) {
      statement.setString(1, zip.toAbsolutePath().toString());
      statement.execute();
    } catch (SQLException e) {
      throw new IOException("journal cannot be copied: " + firstLine(e), e);
    }
  }

  private static void createTables(Connection connection) throws SQLException, IOException {
    try (InputStream schema = JournalDatabase.class.getResourceAsStream("schema.sql");
        Statement statement = connection.createStatement()) {
      if (schema == null) {
        throw new IllegalStateException("schema.sql: missing from the class path");
      }
      // One batch: H2 runs all statements of a string.
      statement.execute(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static void checkLayout(Connection connection, Path directory)
      throws SQLException, IOException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT MAX(\"version\") FROM \"layout\"")) {
      int version = found.next() ? found.getInt(1) : 0;
      if (version == 0) {
        statement.execute("INSERT INTO \"layout\" VALUES (" + LAYOUT + ")");
      } else if (version != LAYOUT) {
        throw new IOException(
            "journal in "
                + directory
                + " has layout "
                + version
                + " (expected: "
                + LAYOUT
                + "); it was written by another version of Heirloom");
      }
    }
  }

  private static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message);
  }

  /** Compacts the file and ends every connection of this process to it. */
  @Override
  public void close() throws IOException {
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN COMPACT");
    } catch (SQLException e) {
      throw new IOException("journal cannot be closed: " + firstLine(e), e);
    }
  }
}
