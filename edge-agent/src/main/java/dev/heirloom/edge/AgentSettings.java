package dev.heirloom.edge;

import dev.heirloom.edge.link.Endpoint;
import dev.heirloom.edge.link.EnrolmentToken;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.ProbeTimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an agent is told when it starts.
 *
 * @param name the device's name: letters, digits, '.', '_' and '-', at most 128
 * @param state directory for what must outlive the agent
 * @param profile what the device says of itself
 * @param budget what is asked for; zero fields mean no limit
 * @param trust file with the roster of keys that orders must be signed by; absent trusts the first
 *     that it meets
 * @param tls empty: connections are plain text
 * @param families names of the families wanted, at most 8; none takes the one published last
 * @param window length of a report window, 100 ms .. 1 h
 * @param serve port for local applications; 0 takes a free one; absent serves none
 * @param stream labelled data to replay; absent replays none
 * @param threads threads that a session may use, 1..256
 * @param batch requests that one inference may answer where several wait, 1..64
 */
record AgentSettings(
    Endpoint controlPlane,
    String name,
    Path state,
    DeviceProfile profile,
    Budget budget,
    Optional<Path> trust,
    Optional<Tls> tls,
    List<String> families,
    Duration window,
    OptionalInt serve,
    Optional<Stream> stream,
    int threads,
    int batch) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private static final int MOST_FAMILIES = 8;

  /**
   * Labelled local data.
   *
   * @param files as {@code --stream} names them
   * @param ratePerSecond above 0, at most 100,000
   */
  record Stream(String files, double ratePerSecond) {
    Stream {
      if (!(ratePerSecond > 0) || ratePerSecond > 100_000) {
        throw new IllegalArgumentException(
            "--rate: " + ratePerSecond + " (expected: above 0, at most 100000)");
      }
    }
  }

  /**
   * How the connection is protected.
   *
   * @param authority file with the certificate of the authority that issued the control plane's
   * @param token by which the device is enrolled
   */
  record Tls(Path authority, EnrolmentToken token) {}

  AgentSettings {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "--name: '" + name + "' (expected: 1..128 of letters, digits, '.', '_' and '-')");
    }
    families = List.copyOf(families);
    for (String family : families) {
      if (!NAME.matcher(family).matches()) {
        throw new IllegalArgumentException(
            "--family: '" + family + "' (expected: letters, digits, '.', '_' and '-')");
      }
    }
    if (families.size() > MOST_FAMILIES || Set.copyOf(families).size() < families.size()) {
      throw new IllegalArgumentException(
          "--family: %s (expected: at most %d, each once)".formatted(families, MOST_FAMILIES));
    }
    if (window.compareTo(Duration.ofMillis(100)) < 0 || window.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("--window: " + window + " (expected: 100ms .. 60m)");
    }
    if (serve.isPresent() && (serve.getAsInt() < 0 || serve.getAsInt() > 65_535)) {
      throw new IllegalArgumentException("--serve: " + serve.getAsInt() + " (expected: 0..65535)");
    }
    if (threads < 1 || threads > 256) {
      throw new IllegalArgumentException("--threads: " + threads + " (expected: 1..256)");
    }
    if (batch < 1 || batch > 64) {
      throw new IllegalArgumentException("--batch: " + batch + " (expected: 1..64)");
    }
    if (!(budget.getLeastAccuracy() >= 0 && budget.getLeastAccuracy() <= 1)) {
      throw new IllegalArgumentException(
          "--least-accuracy: " + budget.getLeastAccuracy() + " (expected: 0..1)");
    }
  }

  /** The same with what the device took for the micro-probes. */
  AgentSettings withProbes(ProbeTimes probes) {
    return new AgentSettings(
        controlPlane,
        name,
        state,
        profile.toBuilder().setProbes(probes).build(),
        budget,
        trust,
        tls,
        families,
        window,
        serve,
        stream,
        threads,
        batch);
  }

  /**
   * What a berth is known by.
   *
   * @param device its name in the fleet
   * @param family the family wanted; empty takes the one published last
   */
  record BerthName(String device, String family) {}

  /** One berth per family; the first one is the device itself, the others are named beside it. */
  List<BerthName> berths() {
    if (families.isEmpty()) {
      return List.of(new BerthName(name, ""));
    }
    List<BerthName> berths = new ArrayList<>();
    for (String family : families) {
      berths.add(new BerthName(berths.isEmpty() ? name : name + "/" + family, family));
    }
    return berths;
  }

  /** What the device says of itself when it enrols. */
  EnrolRequest enrolment() {
    return enrolment(berths().get(0));
  }

  /** What a berth says of itself when it enrols. */
  EnrolRequest enrolment(BerthName berth) {
    return EnrolRequest.newBuilder().setName(berth.device()).setProfile(profile).build();
  }

  /** What it says first on each connection, without what it serves, trusts and reports by then. */
  Hello.Builder hello(BerthName berth) {
    return Hello.newBuilder()
        .setDevice(berth.device())
        .setProfile(profile)
        .setBudget(budget)
        .setFamily(berth.family());
  }
}
