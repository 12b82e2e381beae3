package dev.heirloom.bench.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.bench.ChildJvm;
import dev.heirloom.bench.protocol.EchoFamily;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.JobSettings;
import dev.heirloom.control.cli.HeirloomMain;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.family.Family;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** A control plane made by {@code heirloom init}, its commands, and its devices. */
final class SecuredFleet implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Path directory;
  private final Path data;
  private final String adminToken;
  private final ControlPlane plane;
  private final List<RunningAgent> agents = new ArrayList<>();

  /**
   * @param certificates how long a device's certificate is valid
   */
  SecuredFleet(Path directory, Duration certificates) throws Exception {
    this.directory = Files.createDirectories(directory);
    this.data = directory.resolve("data");
    Ended init = run(List.of("init", "--data", data.toString()));
    adminToken =
        init.lines().stream()
            .filter(line -> line.startsWith("admin token"))
            .map(line -> line.replaceAll("admin token +(\\S+).*", "$1"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(init));
    plane =
        ControlPlane.start(
            new ControlPlaneSettings(
                data,
                0,
                0,
                ControlPlaneSettings.LOOPBACK,
                false,
                DeliverySettings.UNLIMITED,
                OptionalInt.empty(),
                certificates,
                JobSettings.USUAL.withoutTrainer()));
  }

  /** What a command said and how it ended. */
  record Ended(int code, List<String> lines) {}

  private Ended run(List<String> arguments) throws Exception {
    Path out = Files.createTempFile(directory, "command", ".out");
    ProcessBuilder builder =
        ChildJvm.builder(
            List.of(), List.of("-XX:TieredStopAtLevel=1"), HeirloomMain.class, arguments);
    if (adminToken() != null) {
      builder.environment().put("HEIRLOOM_TOKEN", adminToken());
      builder.environment().put("HEIRLOOM_CA", authority().toString());
    }
    Process process = builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), Files.readAllLines(out, StandardCharsets.UTF_8));
  }

  /** Runs a command that calls the control plane, as its administrator, to success. */
  List<String> command(String... words) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.add("--control-plane");
    arguments.add(address());
    Ended ended = run(arguments);
    assertThat(ended.code()).as("%s: %s", arguments, ended.lines()).isZero();
    return ended.lines();
  }

  /** Lines of the audit log, once some of them pass. */
  String audit(Predicate<String> wanted) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    List<String> lines = List.of();
    while (System.nanoTime() < deadline) {
      lines = command("audit");
      for (String line : lines) {
        if (wanted.test(line)) {
          return line;
        }
      }
      LockSupport.parkNanos(1_000_000);
    }
    throw new AssertionError("not in the audit log: " + lines);
  }

  /** A file with a new token that enrols so many devices. */
  Path token(int uses) throws Exception {
    List<String> said =
        command(
            "tokens", "create", "gate", "--role", "enrolment", "--uses", Integer.toString(uses));
    String token =
        said.stream().filter(line -> line.startsWith("heirloom_")).findFirst().orElseThrow();
    return Files.writeString(Files.createTempFile(directory, "enrol", ".token"), token);
  }

  /** Publishes a small family. */
  Family publish() throws Exception {
    Family family =
        EchoFamily.write(
            directory.resolve("family"),
            "echo",
            List.of(new EchoFamily.Tensor("FP32", ElementType.ELEMENT_TYPE_FLOAT32)));
    command("publish", directory.resolve("family").toString());
    return family;
  }

  /** A device whose state is in a directory of that name. */
  RunningAgent agent(String device, Path state, Path authority, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--control-plane",
                address(),
                "--name",
                device,
                "--state",
                state.toString(),
                "--p95-budget",
                "1s",
                "--window",
                "1s",
                "--ca",
                authority.toString()));
    arguments.addAll(List.of(more));
    RunningAgent agent = RunningAgent.start(arguments);
    agents.add(agent);
    return agent;
  }

  String address() {
    return "localhost:" + plane.grpcPort();
  }

  int httpPort() {
    return plane.httpPort();
  }

  Path authority() {
    return data.resolve("access").resolve("ca.crt");
  }

  Path directory() {
    return directory;
  }

  @SuppressWarnings("NullAway") // while the constructor runs there is none yet
  private String adminToken() {
    return adminToken;
  }

  @Override
  public void close() {
    agents.forEach(RunningAgent::close);
    plane.close();
  }
}
