package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import java.util.Locale;

/** Numbers as operators read them in reasons. */
final class Phrases {

  private Phrases() {}

  static String ms(long ns) {
    return ms((double) ns);
  }

  static String ms(double ns) {
    double ms = ns / 1e6;
    return String.format(Locale.ROOT, ms < 10 ? "%.2f ms" : "%.1f ms", ms);
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  static String deviceClass(DeviceProfile profile) {
    return profile.deviceClass().isEmpty() ? "this device" : "class " + profile.deviceClass();
  }

  static String budget(Budget budget) {
    return "the budget of " + ms(budget.p95LatencyNs());
  }
}
