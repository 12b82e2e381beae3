package dev.heirloom.bench.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.bench.grpc.LocalClient;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agents in processes of their own, under mutual TLS, from the first token to the last refusal. */
@Timeout(240)
class SecuredFleetIT {
  private static final Duration LONG = Duration.ofDays(1);

  private final Path directory;
  private SecuredFleet fleet;

  SecuredFleetIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.fleet = new SecuredFleet(directory, LONG);
  }

  @AfterEach
  void stop() {
    fleet.close();
  }

  private Path state(String name) {
    return directory.resolve(name);
  }

  private RunningAgent agent(String device, Path token, String... more) throws Exception {
    String[] options =
        Stream.concat(Stream.of("--enrol-token-file", token.toString()), Stream.of(more))
            .toArray(String[]::new);
    return fleet.agent(device, state(device), fleet.authority(), options);
  }

  /** An application that asks the agent without pause. */
  private static final class Application implements AutoCloseable {
    private final AtomicBoolean goesOn = new AtomicBoolean(true);
    private final AtomicLong answers = new AtomicLong();
    private final AtomicReference<String> failure = new AtomicReference<>("");
    private final LocalClient client;
    private final Thread thread;

    Application(int port, ModelInferRequest request) {
      client = new LocalClient(port);
      thread =
          new Thread(
              () -> {
                try {
                  while (goesOn.get()) {
                    client.ask(request, 1);
                    answers.incrementAndGet();
                  }
                } catch (RuntimeException e) {
                  failure.set(e.toString());
                }
              });
      thread.start();
    }

    /** Ends it, and says that every request was answered. */
    void assertServed() throws InterruptedException {
      goesOn.set(false);
      thread.join();
      assertThat(failure.get()).isEmpty();
      assertThat(answers.get()).isPositive();
    }

    @Override
    public void close() {
      goesOn.set(false);
      client.close();
    }
  }

  @Test
  void anAgentEnrolsServesIsRenewedRevokedAndEnrolledAgain() throws Exception {
    fleet.close();
    fleet = new SecuredFleet(directory.resolve("short"), Duration.ofSeconds(20));
    Family family = fleet.publish();
    Path token = fleet.token(1);
    RunningAgent agent = agent("cam-1", token, "--serve", "0");
    int port = agent.port();
    agent.line("enrolled: certificate", "valid until");
    agent.line("serving rung 1 of echo");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state("cam-1").resolve("identity"))))
        .isEqualTo("rw-------");
    try (Application application = new Application(port, LocalClient.request(family.manifest()))) {
      agent.line("renewed: certificate");
      agent.line("connected again");
      agent.line("renewed: certificate");
      agent.line("connected again");
      fleet.audit(line -> line.contains("Agents/Renew") && line.contains("in place of"));
      fleet.command("certificates", "revoke", "--device", "cam-1");
      assertThat(agent.line("not admitted", "revoked", "new enrolment token"))
          .contains("serving on");
      fleet.audit(line -> line.contains("UNAUTHENTICATED") && line.contains("is revoked"));
      Files.copy(fleet.token(1), token, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      agent.line("enrolled: certificate");
      agent.line("connected again");
      application.assertServed();
    }
  }

  @Test
  void aTokenThatWasUsedKeepsAnotherDeviceOutAndAnotherAuthoritysControlPlaneToo()
      throws Exception {
    Path token = fleet.token(1);
    agent("cam-1", token).line("enrolled with the control plane");
    RunningAgent second = agent("cam-2", token);
    second.line("not admitted", "used up");
    fleet.audit(line -> line.contains("cam-2") && line.contains("used up"));
    Path elsewhere = directory.resolve("elsewhere");
    AccessDirectory other =
        AccessDirectory.create(elsewhere, List.of("localhost"), "id digest", Instant.now());
    RunningAgent astray =
        fleet.agent(
            "cam-3", state("cam-3"), other.authorityFile(), "--enrol-token-file", token.toString());
    astray.line("not reached", "not of the authority that --ca names");
    assertThat(second.runs()).isTrue();
  }

  @Test
  void aCopiedStateDirectoryIsNoticedTheNewerRefusedAndOperatorsTold() throws Exception {
    Path token = fleet.token(1);
    RunningAgent first = agent("cam-1", token);
    first.line("enrolled with the control plane");
    Path copied = directory.resolve("laptop");
    copy(state("cam-1"), copied);
    RunningAgent copy = fleet.agent("cam-1", copied, fleet.authority());
    assertThat(copy.line("not admitted", "already exists", "cam-1")).contains("copied");
    String device = String.join("\n", fleet.command("devices", "show", "cam-1", "--json"));
    assertThat(device)
        .contains("\"state\":\"copied\"")
        .contains("\"online\":true")
        .contains("\"copies_refused\":1");
    assertThat(fleet.audit(line -> line.contains("ALREADY_EXISTS")))
        .contains("device cam-1")
        .contains("Agents/Connect");
    first.close();
    copy.line("enrolled with the control plane");
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path each : walk.toList()) {
        Path target = to.resolve(from.relativize(each));
        if (Files.isDirectory(each)) {
          Files.createDirectories(target);
        } else {
          Files.copy(each, target);
        }
      }
    }
  }
}
