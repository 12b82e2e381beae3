package dev.heirloom.edge.slot;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.proto.v1.HeldProbes;
import dev.heirloom.proto.v1.ProbeTimes;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.measure.MicroProbes;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps what the device took for the micro-probes in the file {@code probes}: the message and its
 * SHA-256. Whatever is wrong with the file, they are run again.
 */
public final class ProbeKeeper {
  private static final String FILE = "probes";
  private static final int LARGEST_BYTES = 4096;

  private final Path root;
  private final Disk disk;
  private final Consumer<String> notes;

  /** Runs the micro-probes. */
  @FunctionalInterface
  public interface Measurement {
    dev.heirloom.runtime.family.ProbeTimes run() throws SessionException;
  }

  /**
   * Nothing is read yet.
   *
   * @param notes takes lines for a person
   */
  ProbeKeeper(Path root, Disk disk, Consumer<String> notes) {
    this.root = root;
    this.disk = disk;
    this.notes = notes;
  }

  /**
   * What was kept, or else what is measured now; empty where that fails. Blocks for as long as it
   * measures.
   *
   * @param runWith machine and settings; what was kept of others is not used
   */
  public Optional<ProbeTimes> times(String runWith, Measurement measurement) {
    Optional<ProbeTimes> kept = kept(runWith);
    return kept.isPresent() ? kept : measured(runWith, measurement);
  }

  private Optional<ProbeTimes> kept(String runWith) {
    try {
      Optional<byte[]> content = Sealed.read(root.resolve(FILE), LARGEST_BYTES);
      if (content.isEmpty()) {
        return Optional.empty();
      }
      HeldProbes held = HeldProbes.parseFrom(content.get());
      boolean fits =
          held.getRunWith().equals(runWith) && held.getTimes().getProbeSet() == MicroProbes.VERSION;
      return fits ? Optional.of(held.getTimes()) : Optional.empty();
    } catch (InvalidProtocolBufferException | MalformedException e) {
      notes.accept("the times of the micro-probes are damaged; they are run again");
    } catch (IOException e) {
      notes.accept("the times of the micro-probes cannot be read; they are run again");
    }
    return Optional.empty();
  }

  private Optional<ProbeTimes> measured(String runWith, Measurement measurement) {
    long beganNs = System.nanoTime();
    ProbeTimes times;
    try {
      dev.heirloom.runtime.family.ProbeTimes measured = measurement.run();
      times =
          ProbeTimes.newBuilder().setProbeSet(measured.version()).addAllNs(measured.ns()).build();
    } catch (SessionException | RuntimeException e) {
      notes.accept(
          "micro-probes failed (%s); what suits this device is learnt from its windows alone"
              .formatted(e.getMessage()));
      return Optional.empty();
    }
    notes.accept(
        String.format(
            Locale.ROOT,
            "%d micro-probes took %.2f s",
            times.getNsCount(),
            (System.nanoTime() - beganNs) / 1e9));
    keep(HeldProbes.newBuilder().setRunWith(runWith).setTimes(times).build());
    return Optional.of(times);
  }

  private void keep(HeldProbes held) {
    try {
      disk.replace(root.resolve(FILE), Sealed.seal(held.toByteArray()));
      disk.syncDirectory(root);
    } catch (IOException e) {
      notes.accept(
          "the times of the micro-probes cannot be kept (%s); the next start runs them again"
              .formatted(e.getMessage()));
    }
  }
}
