package dev.heirloom.control.trainer;

import dev.heirloom.control.store.DirectoryLock;
import dev.heirloom.proto.v1.WorkFile;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory of one trainer, which no other process uses at the same time: the trainer's own
 * name, and for each job its files, its checkpoint and the family that it made.
 */
final class Workplace implements AutoCloseable {
  private static final String NAME = "trainer-id";
  private static final Pattern A_NAME = Pattern.compile("(?![.]+$)[A-Za-z0-9._-]{1,128}");
  private static final Duration KEPT = Duration.ofDays(7);

  private final Path directory;
  private final DirectoryLock lock;
  private final String trainer;

  private Workplace(Path directory, DirectoryLock lock, String trainer) {
    this.directory = directory;
    this.lock = lock;
    this.trainer = trainer;
  }

  /** Claims a directory, which is made where it is missing. */
  static Workplace claim(Path directory) throws IOException {
    DirectoryLock lock = DirectoryLock.take(directory);
    try {
      Path file = directory.resolve(NAME);
      if (!Files.exists(file)) {
        DurableFiles.replace(file, newName().getBytes(StandardCharsets.UTF_8));
      }
      return new Workplace(directory, lock, Files.readString(file, StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /** The name of a directory's trainer, where there was one. */
  static Optional<String> trainerOf(Path directory) {
    try {
      return Optional.of(Files.readString(directory.resolve(NAME), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String newName() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "-");
    } catch (UnknownHostException e) {
      host = "trainer";
    }
    return host.substring(0, Math.min(60, host.length()))
        + "-"
        + UUID.randomUUID().toString().substring(0, 8);
  }

  String trainer() {
    return trainer;
  }

  /**
   * The directory of a job; what lies there of another order is removed.
   *
   * @throws IOException also where a name in the order would lead out of it
   */
  Path home(WorkOrder order) throws IOException {
    requireName(order.getLease().getJob());
    requireName(order.getTeacher().getName());
    if (order.hasLadder()) {
      requireName(order.getLadder().getName());
    }
    for (WorkFile file : order.getTrainList()) {
      requireName(file.getName());
    }
    for (WorkFile file : order.getValidateList()) {
      requireName(file.getName());
    }
    String wanted = identity(order);
    Path home = directory.resolve("jobs").resolve(order.getLease().getJob());
    Path file = home.resolve("order");
    boolean same =
        Files.exists(file) && Files.readString(file, StandardCharsets.UTF_8).equals(wanted);
    if (!same) {
      DurableFiles.deleteTree(home);
      Files.createDirectories(home);
      DurableFiles.replace(file, wanted.getBytes(StandardCharsets.UTF_8));
    }
    return home;
  }

  private static void requireName(String name) throws IOException {
    if (!A_NAME.matcher(name).matches()) {
      throw new IOException(
          "'" + name + "': no name (expected: 1..128 letters, digits, '.', '_' or '-')");
    }
  }

  private static String identity(WorkOrder order) {
    WorkLease any = WorkLease.newBuilder().setJob(order.getLease().getJob()).build();
    // Fields in their order; a map has none, so its entries are sorted.
    return Digest.of(
            (order.toBuilder().setLease(any).clearOptions().build().toString()
                    + new TreeMap<>(order.getOptionsMap()))
                .getBytes(StandardCharsets.UTF_8))
        .hex();
  }

  void forget(WorkOrder order) throws IOException {
    DurableFiles.deleteTree(directory.resolve("jobs").resolve(order.getLease().getJob()));
  }

  /** Removes what was not gone on with for long: it is somebody else's by now, or nobody's. */
  void tidy(Instant now) throws IOException {
    Path jobs = Files.createDirectories(directory.resolve("jobs"));
    List<Path> all;
    try (Stream<Path> found = Files.list(jobs)) {
      all = found.toList();
    }
    for (Path job : all) {
      if (touched(job).isBefore(now.minus(KEPT))) {
        DurableFiles.deleteTree(job);
      }
    }
  }

  /** When anything of a job was last written. */
  private static Instant touched(Path job) throws IOException {
    Instant last = Instant.EPOCH;
    List<Path> all;
    try (Stream<Path> found = Files.walk(job)) {
      all = found.toList();
    }
    for (Path path : all) {
      Instant changed = Files.getLastModifiedTime(path).toInstant();
      last = changed.isAfter(last) ? changed : last;
    }
    return last;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
