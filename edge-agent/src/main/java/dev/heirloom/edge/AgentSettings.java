package dev.heirloom.edge;

import dev.heirloom.edge.link.Endpoint;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.Hello;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
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
 * @param family name of the family wanted; empty takes the one published last
 * @param window length of a report window, 100 ms .. 1 h
 * @param serve port for local applications; 0 takes a free one; absent serves none
 * @param stream labelled data to replay; absent replays none
 * @param threads threads that a session may use, 1..256
 */
record AgentSettings(
    Endpoint controlPlane,
    String name,
    Path state,
    DeviceProfile profile,
    Budget budget,
    Optional<Path> trust,
    String family,
    Duration window,
    OptionalInt serve,
    Optional<Stream> stream,
    int threads) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

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

  AgentSettings {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "--name: '" + name + "' (expected: 1..128 of letters, digits, '.', '_' and '-')");
    }
    if (!family.isEmpty() && !NAME.matcher(family).matches()) {
      throw new IllegalArgumentException(
          "--family: '" + family + "' (expected: letters, digits, '.', '_' and '-')");
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
    if (!(budget.getLeastAccuracy() >= 0 && budget.getLeastAccuracy() <= 1)) {
      throw new IllegalArgumentException(
          "--least-accuracy: " + budget.getLeastAccuracy() + " (expected: 0..1)");
    }
  }

  /** What the device says of itself when it enrols. */
  EnrolRequest enrolment() {
    return EnrolRequest.newBuilder().setName(name).setProfile(profile).build();
  }

  /** What the device says first on each connection, without what it serves and trusts by then. */
  Hello.Builder hello() {
    return Hello.newBuilder()
        .setDevice(name)
        .setProfile(profile)
        .setBudget(budget)
        .setFamily(family);
  }
}
