package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.family.Ladder;
import java.util.SplittableRandom;

/**
 * What devices measure, and whether they can install.
 *
 * @param target version that is rolled out
 * @param ladder of every version
 * @param accuracyLoss accuracy in the field that the target has less, 0..1
 * @param p95Ratio latency of the target over that of the version before
 * @param failingClass class of devices that cannot install the target; empty for none
 * @param labels labels of each window
 */
public record DeviceModel(
    ByteString target,
    Ladder ladder,
    double accuracyLoss,
    double p95Ratio,
    String failingClass,
    int labels) {

  private static final double TOP_P95_NS = 5e6;

  /** Whether the target is as good as the version before. */
  public boolean good() {
    return accuracyLoss == 0 && p95Ratio == 1 && failingClass.isEmpty();
  }

  boolean isTarget(ByteString manifest) {
    return manifest.equals(target);
  }

  boolean fails(String deviceClass, ByteString manifest) {
    return isTarget(manifest) && deviceClass.equals(failingClass);
  }

  /** What a rung costs grows evenly up to that of the top one; classes differ by some percent. */
  long p95Ns(String deviceClass, ByteString manifest, int rung, SplittableRandom random) {
    double share = 0.4 + 0.6 * rung / ladder.size();
    double speed = 0.9 + 0.05 * (deviceClass.hashCode() & 3);
    double noise = 0.95 + 0.1 * random.nextDouble();
    return Math.round(TOP_P95_NS * share * speed * noise * (isTarget(manifest) ? p95Ratio : 1));
  }

  /** Devices see different things: some points up or down, each always the same. */
  double accuracy(String device, ByteString manifest, int rung) {
    double own = ((device.hashCode() & 0xff) / 255.0 - 0.5) * 0.06;
    double share = 0.88 + 0.04 * rung / ladder.size() + own;
    return share - (isTarget(manifest) ? accuracyLoss : 0);
  }
}
