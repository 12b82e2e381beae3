package dev.heirloom.edge.report;

import dev.heirloom.proto.v1.Window;

/** Makes one window of two that followed one another. */
final class WindowMerge {
  private WindowMerge() {}

  /** Whether both are of the same heir and were measured alike. */
  static boolean fits(Window earlier, Window later) {
    return earlier.getManifestSha256().equals(later.getManifestSha256())
        && earlier.getRung() == later.getRung()
        && earlier.getSource() == later.getSource()
        && (long) earlier.getDurationMs() + later.getDurationMs() <= Integer.MAX_VALUE;
  }

  /** Counts add up, latencies are pooled, means are weighted; of the probe the later one tells. */
  static Window of(Window earlier, Window later) {
    long answers = earlier.getRequest().getCount() + later.getRequest().getCount();
    long millis = (long) earlier.getDurationMs() + later.getDurationMs();
    Window.Builder merged =
        later.toBuilder()
            .setFirstSequence(first(earlier))
            .setStartUnixMs(earlier.getStartUnixMs())
            .setDurationMs((int) millis)
            .setRequest(LatencySummaries.merged(earlier.getRequest(), later.getRequest()))
            .setSession(LatencySummaries.merged(earlier.getSession(), later.getSession()))
            .setErrors(earlier.getErrors() + later.getErrors())
            .setLabelled(earlier.getLabelled() + later.getLabelled())
            .setCorrect(earlier.getCorrect() + later.getCorrect())
            .setMeanConfidence(
                mean(
                    earlier.getMeanConfidence(),
                    earlier.getRequest().getCount(),
                    later.getMeanConfidence(),
                    answers))
            .setMeanEntropy(
                mean(
                    earlier.getMeanEntropy(),
                    earlier.getRequest().getCount(),
                    later.getMeanEntropy(),
                    answers))
            .setResidentBytes(Math.max(earlier.getResidentBytes(), later.getResidentBytes()))
            .setCpuCores(
                mean(earlier.getCpuCores(), earlier.getDurationMs(), later.getCpuCores(), millis));
    if (earlier.hasTemperatureCelsius()) {
      merged.setTemperatureCelsius(
          later.hasTemperatureCelsius()
              ? Math.max(earlier.getTemperatureCelsius(), later.getTemperatureCelsius())
              : earlier.getTemperatureCelsius());
    }
    return merged.build();
  }

  /** The sequence of the first window in this one. */
  static long first(Window window) {
    return window.getFirstSequence() == 0 ? window.getSequence() : window.getFirstSequence();
  }

  private static double mean(double earlier, long weight, double later, long total) {
    return total == 0 ? 0 : (earlier * weight + later * (total - weight)) / total;
  }
}
