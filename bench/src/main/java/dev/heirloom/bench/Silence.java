package dev.heirloom.bench;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Window;
import java.util.List;

/**
 * How long a device was less accurate than asked without anything being said or done about it.
 *
 * @param under windows whose field accuracy was under the floor
 * @param silent those of them that were not among the first three in a row, without a flag then and
 *     without a promotion since the first in the row
 */
record Silence(int under, int silent) {
  private static final int ALLOWED = 3;
  private static final int LEAST_LABELS = 20;

  /** Reads a device's windows, oldest first; those with few labels say nothing. */
  static Silence of(List<WindowLog.Seen> windows, double floor) {
    int under = 0;
    int silent = 0;
    int row = 0;
    long before = windows.isEmpty() ? 0 : promotions(windows.get(0).device());
    long atRowStart = before;
    for (WindowLog.Seen seen : windows) {
      long promotions = promotions(seen.device());
      if (!labelled(seen)) {
        continue;
      }
      if (accuracy(seen) >= floor) {
        row = 0;
        before = promotions;
        continue;
      }
      under++;
      row++;
      atRowStart = row == 1 ? before : atRowStart;
      before = promotions;
      boolean told = flagged(seen.device()) || promotions > atRowStart;
      silent += row > ALLOWED && !told ? 1 : 0;
    }
    return new Silence(under, silent);
  }

  private static long promotions(Device device) {
    return device.getDecisionsList().stream()
        .filter(decision -> decision.getFromRung() > 0)
        .filter(decision -> decision.getToRung() > decision.getFromRung())
        .count();
  }

  static boolean labelled(WindowLog.Seen seen) {
    return seen.window().getLabelled() >= LEAST_LABELS;
  }

  static double accuracy(WindowLog.Seen seen) {
    Window window = seen.window();
    return (double) window.getCorrect() / window.getLabelled();
  }

  /** Whether the control plane says of a device that its accuracy is in doubt. */
  static boolean flagged(Device device) {
    FieldDescriptor flag = Device.getDescriptor().findFieldByName("flag");
    if (flag == null) {
      return false;
    }
    if (flag.isRepeated()) {
      return device.getRepeatedFieldCount(flag) > 0;
    }
    return flag.hasPresence()
        ? device.hasField(flag)
        : !device.getField(flag).equals(flag.getDefaultValue());
  }
}
