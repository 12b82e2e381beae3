package dev.heirloom.bench;

import dev.heirloom.bench.grpc.BareStream;
import dev.heirloom.bench.grpc.Downloads;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.file.DurableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast blobs get from a control plane's store to a device's disk over loopback, every digest
 * checked, beside a bare grpc-java stream of messages of the same size, in turn.
 *
 * <p>Figures: {@code ratio}, the median speed of a transfer of 256 MiB over the bare stream's;
 * {@code mib_per_second} and {@code bare_mib_per_second}; {@code fairness}, when the first of 64
 * devices that fetch at once has all of its blob, what the last of them has over what they have on
 * average.
 */
final class ThroughputBenchmark implements Benchmark {
  private static final int MESSAGE_BYTES = 60 << 10;
  private static final int DEVICES = 64;
  private static final int ROUNDS = 9;

  /** For the compiler: a control plane runs for weeks. */
  private static final int WARM_UPS = 8;

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public String description() {
    return "speed of a delivery to disk against a bare stream, and fairness between devices";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atLeast("ratio", 0.7), Goal.atLeast("fairness", 0.5));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Path data = run.directory().resolve("control-plane");
    List<Blob> large = BulkBlobs.write(data, run.quick() ? 1 : 8, 32 * BulkBlobs.MIB);
    List<Blob> shared = BulkBlobs.write(data, 1, (run.quick() ? 1 : 8) * BulkBlobs.MIB);
    long bytes = BulkBlobs.bytes(large);
    try (ControlPlane plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
        Downloads downloads = new Downloads(plane.grpcPort());
        BareStream bare = new BareStream(MESSAGE_BYTES, bytes)) {
      List<Double> ours = new ArrayList<>();
      List<Double> bares = new ArrayList<>();
      int warmUps = run.quick() ? 1 : WARM_UPS;
      int rounds = run.quick() ? 1 : ROUNDS;
      for (int round = 0; round < warmUps + rounds; round++) {
        run.check();
        Path into = run.directory().resolve("device");
        double bareSeconds = bare.seconds();
        double seconds = downloads.fetch("device", large, into, new AtomicLong());
        DurableFiles.deleteTree(into);
        if (round >= warmUps) {
          bares.add(bareSeconds);
          ours.add(seconds);
        }
        run.say()
            .accept("%d MiB: %.2f s, bare %.2f s".formatted(bytes >> 20, seconds, bareSeconds));
      }
      double speed = bytes / (double) BulkBlobs.MIB / median(ours);
      double bareSpeed = bytes / (double) BulkBlobs.MIB / median(bares);
      return Figures.none()
          .with("ratio", speed / bareSpeed)
          .with("mib_per_second", speed)
          .with("bare_mib_per_second", bareSpeed)
          .with("fairness", fairness(run, downloads, shared));
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private static double fairness(Run run, Downloads downloads, List<Blob> blobs) throws Exception {
    List<AtomicLong> arrived = new ArrayList<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(DEVICES);
    try {
      for (int device = 0; device < DEVICES; device++) {
        AtomicLong own = new AtomicLong();
        Path into = run.directory().resolve("device-" + device);
        String name = "device-" + device;
        arrived.add(own);
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  try {
                    downloads.fetch(name, blobs, into, own);
                  } catch (Exception e) {
                    throw new CompletionException(e);
                  }
                },
                threads));
      }
      CompletableFuture.anyOf(all.toArray(CompletableFuture[]::new)).get();
      List<Long> then = arrived.stream().map(AtomicLong::get).toList();
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
      double mean = then.stream().mapToLong(Long::longValue).average().orElseThrow();
      return then.stream().min(Comparator.naturalOrder()).orElseThrow() / mean;
    } finally {
      threads.shutdownNow();
    }
  }
}
