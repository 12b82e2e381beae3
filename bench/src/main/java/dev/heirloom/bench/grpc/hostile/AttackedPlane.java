package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.bench.ChildJvm;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.store.JournalDatabase;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.pekko.persistence.typed.PersistenceId;

/**
 * A control plane in a process of its own with little memory, which answers questions about itself
 * that a client could not ask: memory after a collection, threads, rows of its journal.
 */
final class AttackedPlane implements AutoCloseable {
  private static final String HEAP = "-Xmx384m";
  private static final int COLLECTIONS = 3;

  /** How the ids of persistent twins begin; the device's name follows. */
  private static final String TWIN = DeviceTwin.TYPE.name() + PersistenceId.DefaultSeparator();

  private final Process process;
  private final BufferedReader answers;
  private final Path log;
  private final int grpcPort;
  private final int httpPort;

  private AttackedPlane(Process process, BufferedReader answers, Path log) throws IOException {
    this.process = process;
    this.answers = answers;
    this.log = log;
    String[] ports = line().split(" ", -1);
    this.grpcPort = Integer.parseInt(ports[0]);
    this.httpPort = Integer.parseInt(ports[1]);
  }

  /**
   * Starts it.
   *
   * @param log takes what it says
   */
  static AttackedPlane start(Path data, Path log) throws IOException {
    Process process =
        ChildJvm.builder(List.of(), List.of(HEAP), AttackedPlane.class, List.of(data.toString()))
            .redirectError(log.toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-plane"));
    return new AttackedPlane(
        process,
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)),
        log);
  }

  private String line() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the control plane under attack ended; see " + log);
    }
    return line;
  }

  int grpcPort() {
    return grpcPort;
  }

  int httpPort() {
    return httpPort;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Bytes that it has logged. */
  long logBytes() throws IOException {
    return Files.size(log);
  }

  /** Bytes of heap in use after a collection, and of direct memory. */
  long memoryBytes() throws IOException {
    return ask("memory");
  }

  long threads() throws IOException {
    return ask("threads");
  }

  /** How many events each twin has, by its device's name, all as of one moment. */
  Map<String, Long> eventsByDevice() throws IOException {
    Map<String, Long> events = new TreeMap<>();
    for (String entry : line("events").split(" ", -1)) {
      String[] parts = entry.split("\\|", -1);
      if (parts.length == 2) {
        events.put(parts[0], Long.parseLong(parts[1]));
      }
    }
    return events;
  }

  private long ask(String question) throws IOException {
    return Long.parseLong(line(question));
  }

  private synchronized String line(String question) throws IOException {
    process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return line();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The program. */
  public static void main(String[] arguments) throws Exception {
    Path data = Path.of(arguments[0]);
    try (ControlPlane plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
        JournalDatabase journal = JournalDatabase.open(data.resolve("db"));
        BufferedReader questions =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(plane.grpcPort() + " " + plane.httpPort());
      for (String line = questions.readLine(); line != null; line = questions.readLine()) {
        System.out.println(answer(line, journal));
      }
    }
  }

  private static String answer(String question, JournalDatabase journal) throws SQLException {
    return switch (question) {
      case "threads" -> Long.toString(ManagementFactory.getThreadMXBean().getThreadCount());
      case "events" -> events(journal);
      case "memory" -> Long.toString(memory());
      default -> throw new IllegalArgumentException("question: " + question);
    };
  }

  private static long memory() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + directBytes();
  }

  private static String events(JournalDatabase journal) throws SQLException {
    StringJoiner entries = new StringJoiner(" ");
    try (Connection connection = DriverManager.getConnection(journal.url(), "sa", "");
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT \"persistence_id\", COUNT(*) FROM \"event_journal\""
                    + " WHERE \"persistence_id\" LIKE ? GROUP BY \"persistence_id\"")) {
      query.setString(1, TWIN + "%");
      try (ResultSet found = query.executeQuery()) {
        while (found.next()) {
          entries.add(found.getString(1).substring(TWIN.length()) + "|" + found.getLong(2));
        }
      }
    }
    return entries.toString();
  }

  /** Of Java's buffers, and of Netty's where it allocates beside these. */
  private static long directBytes() {
    long java =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return java + Math.max(0, PlatformDependent.usedDirectMemory());
  }
}
