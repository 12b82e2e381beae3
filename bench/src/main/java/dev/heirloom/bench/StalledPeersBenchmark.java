package dev.heirloom.bench;

import dev.heirloom.bench.grpc.Downloads;
import dev.heirloom.bench.grpc.MeasuredControlPlane;
import dev.heirloom.bench.grpc.StalledDevice;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.file.DurableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What devices that ask for 512 MiB and read nothing cost the control plane, and other devices.
 *
 * <p>Figures: {@code one_mib} and {@code many_mib}, heap in use plus direct memory of a control
 * plane in a process of its own with 1 and with 200 stalled devices, above that with none; {@code
 * others_ratio}, the speed of a transfer beside the 200 over that without.
 */
final class StalledPeersBenchmark implements Benchmark {
  private static final int MANY = 200;
  private static final int ROUNDS = 3;
  private static final long SETTLE_MS = 5000;

  @Override
  public String name() {
    return "stalled-peers";
  }

  @Override
  public String description() {
    return "memory that devices cost which ask for much and read nothing";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("one_mib", 16), Goal.atMost("many_mib", 64), Goal.atLeast("others_ratio", 0.8));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Path data = run.directory().resolve("control-plane");
    List<Blob> pending = BulkBlobs.write(data, run.quick() ? 2 : 16, 32 * BulkBlobs.MIB);
    List<Blob> wanted = pending.subList(0, run.quick() ? 1 : 4);
    List<StalledDevice> stalled = new ArrayList<>();
    try (MeasuredControlPlane plane = MeasuredControlPlane.start(data);
        Downloads downloads = new Downloads(plane.port())) {
      speed(run, downloads, wanted);
      double alone = speed(run, downloads, wanted);
      long before = plane.memoryBytes();
      stalled.add(StalledDevice.asking(plane.port(), pending));
      Thread.sleep(SETTLE_MS);
      double one = (plane.memoryBytes() - before) / (double) BulkBlobs.MIB;
      run.say().accept("one stalled device: %.1f MiB".formatted(one));
      while (stalled.size() < MANY) {
        stalled.add(StalledDevice.asking(plane.port(), pending));
      }
      Thread.sleep(SETTLE_MS);
      double many = (plane.memoryBytes() - before) / (double) BulkBlobs.MIB;
      run.say().accept("%d stalled devices: %.1f MiB".formatted(MANY, many));
      double beside = speed(run, downloads, wanted);
      return Figures.none()
          .with("one_mib", one)
          .with("many_mib", many)
          .with("others_ratio", beside / alone);
    } finally {
      stalled.forEach(StalledDevice::close);
    }
  }

  /** The best of some transfers, in MiB per second. */
  private static double speed(Run run, Downloads downloads, List<Blob> blobs) throws Exception {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      run.check();
      Path into = run.directory().resolve("device");
      double seconds = downloads.fetch("device", blobs, into, new AtomicLong());
      DurableFiles.deleteTree(into);
      best = Math.max(best, BulkBlobs.bytes(blobs) / (double) BulkBlobs.MIB / seconds);
    }
    return best;
  }
}
