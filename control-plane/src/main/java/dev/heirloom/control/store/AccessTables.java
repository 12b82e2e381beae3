package dev.heirloom.control.store;

import dev.heirloom.control.access.AccessRecords;
import dev.heirloom.control.access.AuditEntry;
import dev.heirloom.control.access.DeviceCertificate;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.access.Scope;
import dev.heirloom.control.access.Token;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tokens, certificates and the audit log as tables of the journal's database. */
public final class AccessTables implements AccessRecords, AutoCloseable {
  private final Connection connection;

  private AccessTables(Connection connection) {
    this.connection = connection;
  }

  /** A connection of its own to the database that {@link JournalDatabase} has opened. */
  public static AccessTables open(String url) throws IOException {
    try {
      return new AccessTables(DriverManager.getConnection(url, "sa", ""));
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private synchronized <T> List<T> query(String sql, Row<T> row, Object... values)
      throws IOException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      List<T> rows = new ArrayList<>();
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          rows.add(row.read(found));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void execute(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  private synchronized void atomically(Work work) throws IOException {
    try {
      connection.setAutoCommit(false);
      try {
        work.run();
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static IOException failed(SQLException e) {
    String message = String.valueOf(e.getMessage());
    return new IOException(
        "the journal's database failed: " + message.lines().findFirst().orElse(message), e);
  }

  @Override
  public List<Token> tokens() throws IOException {
    return query("SELECT * FROM \"access_token\"", AccessTables::token);
  }

  private static Token token(ResultSet row) throws SQLException {
    String devices = row.getString("devices");
    return new Token(
        row.getString("id"),
        row.getString("name"),
        Role.valueOf(row.getString("role")),
        devices.isEmpty() ? Scope.FLEET : new Scope(List.of(devices.split(" "))),
        row.getString("sha256"),
        Instant.ofEpochMilli(row.getLong("created_ms")),
        moment(row, "expires_ms"),
        row.getInt("uses_left"),
        moment(row, "revoked_ms"));
  }

  private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
    long ms = row.getLong(column);
    return ms == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
  }

  private static long ms(Optional<Instant> moment) {
    return moment.map(Instant::toEpochMilli).orElse(0L);
  }

  @Override
  public void save(Token token) throws IOException {
    atomically(() -> write(token));
  }

  private void write(Token token) throws SQLException {
    execute("DELETE FROM \"access_token\" WHERE \"id\" = ?", token.id());
    execute(
        "INSERT INTO \"access_token\" (\"id\", \"name\", \"role\", \"devices\", \"sha256\","
            + " \"created_ms\", \"expires_ms\", \"uses_left\", \"revoked_ms\")"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        token.id(),
        token.name(),
        token.role().name(),
        String.join(" ", token.scope().patterns()),
        token.sha256(),
        token.created().toEpochMilli(),
        ms(token.expires()),
        token.usesLeft(),
        ms(token.revoked()));
  }

  @Override
  public void issue(DeviceCertificate certificate, Optional<Token> used) throws IOException {
    atomically(
        () -> {
          if (used.isPresent()) {
            write(used.get());
          }
          execute(
              "INSERT INTO \"device_certificate\" (\"serial\", \"device\", \"token\","
                  + " \"certificate\", \"issued_ms\", \"expires_ms\", \"revoked_ms\")"
                  + " VALUES (?, ?, ?, ?, ?, ?, ?)",
              certificate.serial(),
              certificate.device(),
              certificate.token(),
              certificate.encoded().der(),
              certificate.issued().toEpochMilli(),
              certificate.expires().toEpochMilli(),
              ms(certificate.revoked()));
        });
  }

  private static DeviceCertificate certificate(ResultSet row) throws SQLException {
    return new DeviceCertificate(
        row.getLong("number"),
        row.getString("serial"),
        row.getString("device"),
        row.getString("token"),
        new DeviceCertificate.Encoded(row.getBytes("certificate")),
        Instant.ofEpochMilli(row.getLong("issued_ms")),
        Instant.ofEpochMilli(row.getLong("expires_ms")),
        moment(row, "revoked_ms"));
  }

  @Override
  public List<DeviceCertificate> certificates(String device) throws IOException {
    return query(
        "SELECT * FROM \"device_certificate\" WHERE \"device\" = ? ORDER BY \"number\" DESC",
        AccessTables::certificate,
        device);
  }

  @Override
  public List<DeviceCertificate> certificates(long before, int most) throws IOException {
    return query(
        "SELECT * FROM \"device_certificate\" WHERE \"number\" < ? ORDER BY \"number\" DESC"
            + " FETCH FIRST ? ROWS ONLY",
        AccessTables::certificate,
        before,
        most);
  }

  @Override
  public Optional<DeviceCertificate> certificate(String serial) throws IOException {
    return query(
            "SELECT * FROM \"device_certificate\" WHERE \"serial\" = ?",
            AccessTables::certificate,
            serial)
        .stream()
        .findFirst();
  }

  @Override
  public List<String> revokedSerials(Instant now) throws IOException {
    return query(
        "SELECT \"serial\" FROM \"device_certificate\" WHERE \"revoked_ms\" > 0"
            + " AND \"expires_ms\" > ?",
        row -> row.getString(1),
        now.toEpochMilli());
  }

  @Override
  public void revoke(List<String> serials, Optional<String> device, Instant now)
      throws IOException {
    atomically(
        () -> {
          if (device.isPresent()) {
            execute("DELETE FROM \"device_revocation\" WHERE \"device\" = ?", device.get());
            execute(
                "INSERT INTO \"device_revocation\" (\"device\", \"before_ms\") VALUES (?, ?)",
                device.get(),
                now.toEpochMilli());
          }
          for (String serial : serials) {
            execute(
                "UPDATE \"device_certificate\" SET \"revoked_ms\" = ? WHERE \"serial\" = ?",
                now.toEpochMilli(),
                serial);
          }
        });
  }

  @Override
  public Map<String, Instant> revokedBefore() throws IOException {
    Map<String, Instant> devices = new HashMap<>();
    query(
        "SELECT * FROM \"device_revocation\"",
        row ->
            devices.put(row.getString("device"), Instant.ofEpochMilli(row.getLong("before_ms"))));
    return devices;
  }

  @Override
  public void append(List<AuditEntry> entries) throws IOException {
    atomically(
        () -> {
          for (AuditEntry entry : entries) {
            execute(
                "INSERT INTO \"audit\" (\"at_ms\", \"identity\", \"peer\", \"method\", \"object\","
                    + " \"outcome\", \"reason\") VALUES (?, ?, ?, ?, ?, ?, ?)",
                entry.at().toEpochMilli(),
                entry.identity(),
                entry.peer(),
                entry.method(),
                entry.object(),
                entry.outcome(),
                entry.reason());
          }
        });
  }

  @Override
  public void forgetRefused(int most) throws IOException {
    List<Long> oldestToStay =
        query(
            "SELECT \"number\" FROM \"audit\" WHERE \"outcome\" <> 'OK' ORDER BY \"number\" DESC"
                + " OFFSET ? ROWS FETCH FIRST 1 ROWS ONLY",
            row -> row.getLong(1),
            most - 1);
    if (!oldestToStay.isEmpty()) {
      atomically(
          () ->
              execute(
                  "DELETE FROM \"audit\" WHERE \"outcome\" <> 'OK' AND \"number\" < ?",
                  oldestToStay.get(0)));
    }
  }

  @Override
  public List<AuditEntry> audit(long before, int most) throws IOException {
    return query(
        "SELECT * FROM \"audit\" WHERE \"number\" < ? ORDER BY \"number\" DESC"
            + " FETCH FIRST ? ROWS ONLY",
        row ->
            new AuditEntry(
                row.getLong("number"),
                Instant.ofEpochMilli(row.getLong("at_ms")),
                row.getString("identity"),
                row.getString("peer"),
                row.getString("method"),
                row.getString("object"),
                row.getString("outcome"),
                row.getString("reason")),
        before,
        most);
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
