package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.Source;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.twin.Hello;
import dev.heirloom.actors.twin.TrialTerms;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.proto.v1.TryRungRequest;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.ProbeTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Messages from outside as the fleet's records; what is not acceptable ends the call and names the
 * field.
 */
final class Incoming {
  private static final Pattern DEVICE_NAME =
      Pattern.compile("[A-Za-z0-9._-]{1,128}(/[A-Za-z0-9._-]{1,128})?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}]");
  private static final int MAX_LABELS = 64;
  // Milliseconds of the years 1970 to 9999: what an Instant is printed without a sign.
  private static final long MAX_UNIX_MS = 253_402_300_799_999L;

  private Incoming() {}

  /** A device's name; its families beside the first one follow after a stroke. */
  static String deviceName(String field, String name) {
    if (!DEVICE_NAME.matcher(name).matches()) {
      throw Failures.invalid(
          field, "expected 1..128 letters, digits, '.', '_' or '-', or two such with '/' between");
    }
    return name;
  }

  /** A family's name, or nothing. */
  static String familyName(String field, String name) {
    return name.isEmpty() ? name : name(field, name);
  }

  static String name(String field, String name) {
    if (!NAME.matcher(name).matches()) {
      throw Failures.invalid(field, "expected 1..128 letters, digits, '.', '_' or '-'");
    }
    return name;
  }

  /** What somebody said, on one line and without what would steer a terminal. */
  static String line(String said) {
    return UNPRINTABLE.matcher(said).replaceAll(" ");
  }

  static Digest digest(String field, ByteString bytes) {
    if (bytes.size() != Digest.LENGTH) {
      throw Failures.invalid(
          field, bytes.size() + " bytes (expected: " + Digest.LENGTH + ", a SHA-256)");
    }
    return Digest.wrap(bytes);
  }

  static Optional<Digest> optionalDigest(String field, ByteString bytes) {
    return bytes.isEmpty() ? Optional.empty() : Optional.of(digest(field, bytes));
  }

  static DeviceProfile profile(String field, dev.heirloom.proto.v1.DeviceProfile profile) {
    return checked(
        field,
        () ->
            new DeviceProfile(
                profile.getDeviceClass(),
                profile.getCores(),
                profile.getMemoryBytes(),
                profile.getExecutionProvidersList(),
                profile.getLabelsMap(),
                profile.getAgentVersion(),
                profile.getThreads(),
                new ProbeTimes(
                    profile.getProbes().getProbeSet(), profile.getProbes().getNsList())));
  }

  static Budget budget(String field, dev.heirloom.proto.v1.Budget budget) {
    return checked(
        field,
        () ->
            new Budget(
                budget.getP95LatencyNs(),
                budget.getMemoryBytes(),
                budget.getSizeBytes(),
                budget.getLeastAccuracy()));
  }

  /**
   * What a request says of a budget.
   *
   * @param whole whether it has all four limits, those of 0 included
   * @return empty where it says nothing at all
   */
  static Optional<Limits> limits(
      boolean whole, dev.heirloom.proto.v1.Budget budget, dev.heirloom.proto.v1.Limits limits) {
    boolean some = !limits.equals(dev.heirloom.proto.v1.Limits.getDefaultInstance());
    if (whole && some) {
      throw Failures.invalid("limits", "given beside budget (expected: one of them)");
    }
    if (whole) {
      return Optional.of(Limits.of(budget("budget", budget)));
    }
    return some ? Optional.of(limits("limits", limits)) : Optional.empty();
  }

  private static Limits limits(String field, dev.heirloom.proto.v1.Limits limits) {
    // Under its own sign a number beyond the range would read as one that is absent.
    Budget checked =
        checked(
            field,
            () ->
                new Budget(
                    limits.getP95LatencyNs(),
                    limits.getMemoryBytes(),
                    limits.getSizeBytes(),
                    limits.getLeastAccuracy()));
    return new Limits(
        limits.hasP95LatencyNs() ? checked.p95LatencyNs() : Limits.ABSENT,
        limits.hasMemoryBytes() ? checked.memoryBytes() : Limits.ABSENT,
        limits.hasSizeBytes() ? checked.sizeBytes() : Limits.ABSENT,
        limits.hasLeastAccuracy() ? checked.leastAccuracy() : Limits.ABSENT);
  }

  static BudgetRule budgetRule(String field, dev.heirloom.proto.v1.BudgetRule rule) {
    Limits limits = limits(field + ".limits", rule.getLimits());
    return checked(field, () -> new BudgetRule(rule.getName(), rule.getSelectorMap(), limits));
  }

  static Map<String, String> selector(Map<String, String> selector) {
    if (selector.size() > MAX_LABELS) {
      throw Failures.invalid(
          "selector", selector.size() + " labels (expected: at most " + MAX_LABELS + ")");
    }
    return selector;
  }

  /**
   * A rung as it is told, 0 included; that a family has it is checked where the family is known.
   */
  static int rung(String field, int rung) {
    if (rung < 0) {
      throw Failures.invalid(field, Integer.toUnsignedString(rung) + " (expected: a rung)");
    }
    return rung;
  }

  static Hello hello(dev.heirloom.proto.v1.Hello hello) {
    return new Hello(
        profile("hello.profile", hello.getProfile()),
        budget("hello.budget", hello.getBudget()),
        familyName("hello.family", hello.getFamily()),
        optionalDigest("hello.serving_manifest_sha256", hello.getServingManifestSha256()),
        rung("hello.serving_rung", hello.getServingRung()),
        hello.getReporter(),
        hello.getInstance());
  }

  static WindowReport window(Window window) {
    if (window.getStartUnixMs() < 0 || window.getStartUnixMs() > MAX_UNIX_MS) {
      throw Failures.invalid(
          "window.start_unix_ms", window.getStartUnixMs() + " (expected: 0.." + MAX_UNIX_MS + ")");
    }
    String family = name("window.family", window.getFamily());
    Digest manifest = digest("window.manifest_sha256", window.getManifestSha256());
    Source source =
        switch (window.getSource()) {
          case SOURCE_TRAFFIC -> Source.TRAFFIC;
          case SOURCE_PROBE -> Source.PROBE;
          case SOURCE_UNSPECIFIED, UNRECOGNIZED ->
              throw Failures.invalid("window.source", "not given, or not known");
        };
    LatencySummary request = latency("window.request", window.getRequest());
    LatencySummary session = latency("window.session", window.getSession());
    return checked(
        "window",
        () ->
            new WindowReport(
                window.getFirstSequence() == 0 ? window.getSequence() : window.getFirstSequence(),
                window.getSequence(),
                Instant.ofEpochMilli(window.getStartUnixMs()),
                Duration.ofMillis(Integer.toUnsignedLong(window.getDurationMs())),
                family,
                manifest,
                window.getRung(),
                source,
                request,
                session,
                window.getErrors(),
                window.getLabelled(),
                window.getCorrect(),
                window.getProbeSamples(),
                window.getProbeCorrect(),
                window.getProbeAgreeing(),
                window.getMeanConfidence(),
                window.getMeanEntropy(),
                window.getResidentBytes(),
                window.getCpuCores(),
                window.hasTemperatureCelsius() ? window.getTemperatureCelsius() : Double.NaN,
                window.getLate()));
  }

  static Trial trial(ShadowReport report) {
    Digest manifest = digest("shadow_report.manifest_sha256", report.getManifestSha256());
    LatencySummary serving = latency("shadow_report.serving", report.getServing());
    LatencySummary candidate = latency("shadow_report.candidate", report.getCandidate());
    return checked(
        "shadow_report",
        () ->
            new Trial(
                report.getTrial(),
                manifest,
                report.getRung(),
                report.getServingRung(),
                report.getFailure(),
                serving,
                candidate,
                report.getAnswers(),
                report.getAgreeing(),
                report.getLabelled(),
                report.getServingCorrect(),
                report.getCandidateCorrect()));
  }

  static TrialTerms trialTerms(TryRungRequest request) {
    return checked(
        "terms",
        () ->
            new TrialTerms(
                request.getShare() == 0 ? 0.1 : request.getShare(),
                request.getRequests() == 0 ? 200 : request.getRequests(),
                Duration.ofMillis(
                    request.getLongestMs() == 0
                        ? 600_000
                        : Integer.toUnsignedLong(request.getLongestMs()))));
  }

  private static LatencySummary latency(
      String field, dev.heirloom.proto.v1.LatencySummary latency) {
    LatencySummary summary =
        checked(
            field,
            () ->
                new LatencySummary(
                    latency.getCount(),
                    latency.getP50Ns(),
                    latency.getP95Ns(),
                    latency.getP99Ns(),
                    latency.getMaxNs()));
    boolean ordered =
        summary.p50Ns() <= summary.p95Ns()
            && summary.p95Ns() <= summary.p99Ns()
            && summary.p99Ns() <= summary.maxNs();
    if (!ordered) {
      throw Failures.invalid(field, "percentiles fall (expected: p50 <= p95 <= p99 <= max)");
    }
    return summary;
  }

  static Outcome outcome(dev.heirloom.proto.v1.Outcome outcome) {
    boolean installed =
        switch (outcome.getStatus()) {
          case STATUS_INSTALLED -> true;
          case STATUS_FAILED -> false;
          case STATUS_ON_THE_WAY, STATUS_UNSPECIFIED, UNRECOGNIZED ->
              throw Failures.invalid("outcome.status", "not given, or not known");
        };
    Digest manifest = digest("outcome.manifest_sha256", outcome.getManifestSha256());
    String family = name("outcome.family", outcome.getFamily());
    return checked(
        "outcome",
        () ->
            new Outcome(
                outcome.getDecision(),
                family,
                manifest,
                outcome.getRung(),
                installed,
                outcome.getFailedCheck(),
                outcome.getMessage(),
                outcome.getWireBytes(),
                outcome.getMissingBytes(),
                Integer.toUnsignedLong(outcome.getFetchMs()),
                Integer.toUnsignedLong(outcome.getSwapMs())));
  }

  /**
   * The records check their own components, with messages {@code component: value (expected: …)}.
   */
  static <T> T checked(String field, Supplier<T> record) {
    try {
      return record.get();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      int colon = message.indexOf(": ");
      throw colon < 0
          ? Failures.invalid(field, message)
          : Failures.invalid(
              field + "." + snakeCase(message.substring(0, colon)), message.substring(colon + 2));
    }
  }

  private static String snakeCase(String component) {
    return component.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
