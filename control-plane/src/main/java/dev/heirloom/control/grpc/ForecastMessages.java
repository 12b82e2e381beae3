package dev.heirloom.control.grpc;

import dev.heirloom.actors.accuracy.Interval;
import dev.heirloom.actors.adaptation.ExpectedLatency;
import dev.heirloom.proto.v1.AccuracyForecast;
import dev.heirloom.proto.v1.LatencyForecast;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.measure.Purpose;

/** What is expected of an heir, as messages that say how sure that is. */
final class ForecastMessages {
  private ForecastMessages() {}

  static LatencyForecast latency(ExpectedLatency latency) {
    return LatencyForecast.newBuilder()
        .setBasis(
            switch (latency.basis()) {
              case NOTHING -> LatencyForecast.Basis.BASIS_UNSPECIFIED;
              case DEVICE_CLASS -> LatencyForecast.Basis.BASIS_CLASS;
              case MICRO_PROBES -> LatencyForecast.Basis.BASIS_MICRO_PROBES;
            })
        .setExpectedNs(latency.p95Ns())
        .setLowerNs(latency.lowerNs())
        .setUpperNs(latency.upperNs())
        .setDevices(latency.devices())
        .build();
  }

  /** A measure that is no share of answers has no such interval. */
  static AccuracyForecast accuracy(Manifest manifest, double accuracy) {
    long answers =
        Purpose.of(manifest.getTask()).namesClasses() ? manifest.getValidationAnswers() : 0;
    Interval interval =
        answers > 0
            ? Interval.ofShare((double) answers, answers * accuracy)
            : new Interval(accuracy, accuracy, accuracy);
    return AccuracyForecast.newBuilder()
        .setExpected(accuracy)
        .setLower(interval.lower())
        .setUpper(interval.upper())
        .setSamples(answers)
        .build();
  }
}
