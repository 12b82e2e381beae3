package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.cli.CommandLineRun;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.control.store.Restore;
import dev.heirloom.proto.v1.AbortRolloutRequest;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.CreateRolloutRequest;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListFamiliesRequest;
import dev.heirloom.proto.v1.ListRolloutsRequest;
import dev.heirloom.proto.v1.PinRungRequest;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupIT {
  private static final int DEVICES = 12;
  private static final int CHANGES = 200;

  @TempDir private Path directory;

  /** What somebody sees who looks at a fleet; when a device was last heard is no part of it. */
  private record Seen(List<String> devices, List<String> families, List<String> rollouts) {
    static Seen of(Caller caller) {
      return new Seen(
          caller
              .fleet()
              .listDevices(ListDevicesRequest.newBuilder().setPageSize(100).build())
              .getDevicesList()
              .stream()
              .map(Seen::text)
              .toList(),
          caller
              .models()
              .listFamilies(ListFamiliesRequest.getDefaultInstance())
              .getFamiliesList()
              .stream()
              .map(
                  family ->
                      family.getName()
                          + " "
                          + Digest.of(family.getManifestSha256().toByteArray()).hex())
              .toList(),
          caller
              .fleet()
              .listRollouts(ListRolloutsRequest.getDefaultInstance())
              .getRolloutsList()
              .stream()
              .map(Seen::text)
              .toList());
    }

    private static String text(Rollout rollout) {
      return "%s %s %s %s"
          .formatted(
              rollout.getSpec(),
              rollout.getPhase(),
              rollout.getGroupsList(),
              rollout.getDecisionsList());
    }

    private static String text(Device device) {
      return "%s %s %s %d %d %s"
          .formatted(
              device.getName(),
              device.getProfile(),
              device.getBudget(),
              device.getDesiredRung(),
              device.getPinnedRung(),
              device.getDecisionsList());
    }
  }

  private String backup(ControlPlane plane, Path file) {
    CommandLineRun run =
        CommandLineRun.of(
            List.of("backup", file.toString(), "--control-plane", "127.0.0.1:" + plane.grpcPort()));
    assertThat(run.code()).as(run.messages().toString()).isZero();
    return run.results().get(0);
  }

  @Test
  void bringsAFleetBackOnAnEmptyMachineWhileAgentsCarryOn() throws Exception {
    Path file = directory.resolve("fleet.zip");
    Path restored = directory.resolve("restored");
    TinyFamily family = TinyFamily.small();
    Seen before;
    Desired served;
    try (ControlPlane plane =
            ControlPlane.start(new ControlPlaneSettings(directory.resolve("data"), 0, 0));
        Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(family);
      served = fleet(caller);
      Waiting.until(() -> answered(caller));
      caller.hold(TinyFamily.of("tiny", 8, 2));
      caller
          .fleet()
          .createRollout(
              CreateRolloutRequest.newBuilder()
                  .setSpec(RolloutSpec.newBuilder().setName("spring").setFamily("tiny"))
                  .build());
      before = Seen.of(caller);
      assertThat(before.rollouts()).hasSize(1);
      AtomicBoolean taken = new AtomicBoolean();
      Thread load = new Thread(() -> enrolUntil(plane.grpcPort(), taken));
      load.start();
      assertThat(backup(plane, file)).startsWith("backup of 127.0.0.1:");
      taken.set(true);
      load.join();
    }
    assertThat(
            CommandLineRun.of(List.of("restore", file.toString(), "--data", restored.toString()))
                .code())
        .isZero();
    try (ControlPlane plane = ControlPlane.start(new ControlPlaneSettings(restored, 0, 0));
        Caller caller = new Caller(plane.grpcPort())) {
      Seen after = Seen.of(caller);
      assertThat(after.families()).isEqualTo(before.families());
      assertThat(after.devices()).containsAll(before.devices());
      assertThat(after.rollouts()).isEqualTo(before.rollouts());
      caller.fleet().abortRollout(AbortRolloutRequest.newBuilder().setName("spring").build());
      Waiting.until(() -> Seen.of(caller).rollouts().get(0).contains("PHASE_ABORTED"));
      TestAgent agent =
          TestAgent.connect(
              caller, "device-0", 0, served.getManifest().getSha256(), served.getRung());
      caller.fleet().pinRung(PinRungRequest.newBuilder().setName("device-0").setRung(2).build());
      Desired next = agent.desired();
      assertThat(next.getManifest()).isEqualTo(served.getManifest());
      assertThat(caller.fetch(next.getManifest().getSha256(), 0))
          .isEqualTo(family.manifest().toByteString());
      agent.close();
    }
  }

  /** Devices with budgets and pins of their own, of which the first serves a rung. */
  private static Desired fleet(Caller caller) throws Exception {
    for (int i = 0; i < DEVICES; i++) {
      String name = "device-" + i;
      TestAgent.enrol(caller, name);
      caller
          .fleet()
          .setBudget(
              SetBudgetRequest.newBuilder()
                  .setName(name)
                  .setBudget(Budget.newBuilder().setP95LatencyNs(1_000_000L * (i + 1)))
                  .build());
    }
    try (TestAgent agent = TestAgent.connect(caller, "device-0", 0)) {
      Desired desired = agent.desired();
      agent.installed(desired);
      return desired;
    }
  }

  private static boolean answered(Caller caller) {
    return caller
        .fleet()
        .getDevice(GetDeviceRequest.newBuilder().setName("device-0").build())
        .getDecisionsList()
        .stream()
        .anyMatch(Decision::hasOutcome);
  }

  private static void enrolUntil(int port, AtomicBoolean taken) {
    try (Caller caller = new Caller(port)) {
      for (int i = 0; !taken.get(); i++) {
        TestAgent.enrol(caller, "late-" + i);
      }
    }
  }

  private Path taken() throws Exception {
    Path file = directory.resolve("one.zip");
    try (ControlPlane plane =
            ControlPlane.start(new ControlPlaneSettings(directory.resolve("data"), 0, 0));
        Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(TinyFamily.small());
      backup(plane, file);
    }
    return file;
  }

  @Test
  void refusesABackupThatIsCutOffAndLeavesNothing() throws Exception {
    Path file = taken();
    byte[] whole = Files.readAllBytes(file);
    for (int size : new int[] {0, 10, whole.length / 2, whole.length - 1000, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, size));
      assertThatThrownBy(() -> Restore.to(directory.resolve("restored"), file))
          .as("%d bytes", size)
          .isInstanceOf(MalformedException.class);
      assertThat(leftovers()).isEmpty();
    }
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(path -> path.toString().contains("restored")).toList();
    }
  }

  @Test
  void restoresTheSameOrNothingWhicheverByteIsChanged() throws Exception {
    Path file = taken();
    byte[] whole = Files.readAllBytes(file);
    Path data = directory.resolve("restored");
    Restore.to(data, file);
    Map<String, Digest> expected = contents(data);
    int refused = 0;
    for (int part = 0; part < CHANGES; part++) {
      byte[] changed = whole.clone();
      int at = (int) ((long) whole.length * part / CHANGES);
      changed[at] ^= 1;
      Files.write(file, changed);
      DurableFiles.deleteTree(data);
      try {
        Restore.to(data, file);
        assertThat(contents(data)).as("byte %d", at).isEqualTo(expected);
      } catch (MalformedException e) {
        refused++;
        assertThat(leftovers()).as("byte %d", at).isEmpty();
      }
    }
    assertThat(refused).isGreaterThan(CHANGES / 2);
  }

  private static Map<String, Digest> contents(Path data) throws IOException {
    Map<String, Digest> contents = new TreeMap<>();
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        contents.put(data.relativize(path).toString(), Digest.of(Files.readAllBytes(path)));
      }
    }
    return contents;
  }

  @Test
  void refusesADirectoryThatHoldsSomething() throws Exception {
    Path file = taken();

    assertThatThrownBy(() -> Restore.to(directory.resolve("data"), file))
        .isInstanceOf(DirectoryNotEmptyException.class);
  }

  @Test
  void keepsKeysFromOthers() throws Exception {
    Path file = taken();
    Path data = directory.resolve("restored");
    Restore.to(data, file);

    for (Path secret :
        List.of(file, data.resolve("trust/root.key"), data.resolve("trust/release.key"))) {
      assertThat(permissions(secret)).as(secret.toString()).isEqualTo("rw-------");
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void writesOverNoFile() throws Exception {
    Path file = directory.resolve("there.zip");
    Files.writeString(file, "mine");

    CommandLineRun run =
        CommandLineRun.of(List.of("backup", file.toString(), "--control-plane", "127.0.0.1:1"));

    assertThat(run.code()).isNotZero();
    assertThat(run.messages().get(0)).contains("exists already");
    assertThat(file).hasContent("mine");
  }
}
