package dev.heirloom.edge.report;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.LatencySummary;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Latencies as a window tells them: a histogram with the quantiles that most readers want. */
public final class LatencySummaries {
  private static final long SHORTEST_NS = 1_000;
  private static final long LONGEST_NS = 60_000_000_000L;
  private static final int DIGITS = 3;

  private LatencySummaries() {}

  /** An empty histogram of latencies in ns. */
  public static Histogram histogram() {
    return new Histogram(SHORTEST_NS, LONGEST_NS, DIGITS);
  }

  /** Records a latency in ns; one that is longer than the histogram reaches counts as its end. */
  public static void record(Histogram histogram, long ns) {
    histogram.recordValue(Math.min(Math.max(ns, 0), LONGEST_NS));
  }

  /** What a histogram says. */
  public static LatencySummary of(Histogram histogram) {
    if (histogram.getTotalCount() == 0) {
      return LatencySummary.getDefaultInstance();
    }
    ByteBuffer encoded = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(encoded);
    return LatencySummary.newBuilder()
        .setCount(histogram.getTotalCount())
        .setP50Ns(histogram.getValueAtPercentile(50))
        .setP95Ns(histogram.getValueAtPercentile(95))
        .setP99Ns(histogram.getValueAtPercentile(99))
        .setMaxNs(histogram.getMaxValue())
        .setHistogram(ByteString.copyFrom(encoded.array(), 0, length))
        .build();
  }

  /** Of all latencies of both. */
  static LatencySummary merged(LatencySummary one, LatencySummary other) {
    Histogram all = histogram();
    add(one, all);
    add(other, all);
    return of(all);
  }

  private static void add(LatencySummary summary, Histogram all) {
    if (summary.getHistogram().isEmpty()) {
      return;
    }
    try {
      all.add(
          Histogram.decodeFromCompressedByteBuffer(
              ByteBuffer.wrap(summary.getHistogram().toByteArray()), SHORTEST_NS));
    } catch (DataFormatException e) {
      throw new IllegalStateException("histogram: " + e.getMessage(), e);
    }
  }
}
