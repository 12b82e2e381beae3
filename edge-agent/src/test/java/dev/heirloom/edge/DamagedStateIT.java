package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.fixture.FakeControlPlane;
import dev.heirloom.edge.fixture.FaultyDisk;
import dev.heirloom.edge.fixture.GoldenOutputs;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.link.Endpoint;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.PartialBlob;
import dev.heirloom.runtime.family.ProbeTimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Agents on a state directory of which one file, whichever an agent leaves behind, is damaged. */
class DamagedStateIT {
  private static final ProbeTimes PROBES = new ProbeTimes(1, List.of(1_000L, 2_000L));

  private final Path directory;

  private final SmallFamily family = SmallFamily.create();
  private final GoldenOutputs golden = new GoldenOutputs(family);

  DamagedStateIT(@TempDir Path directory) {
    this.directory = directory;
  }

  /** What may become of a file. */
  private interface Damage {
    void to(Path file, FaultyDisk disk) throws IOException;
  }

  private record Named(String name, Damage damage) {}

  private static final List<Named> DAMAGES =
      List.of(
          new Named("emptied", (file, disk) -> Files.write(file, new byte[0])),
          new Named("cut in half", (file, disk) -> cut(file, Files.size(file) / 2)),
          new Named("cut by a byte", (file, disk) -> cut(file, Files.size(file) - 1)),
          new Named("longer by a byte", (file, disk) -> cut(file, Files.size(file) + 1)),
          new Named("flipped at the beginning", (file, disk) -> flip(file, 0)),
          new Named("flipped in the middle", (file, disk) -> flip(file, 0.5)),
          new Named("flipped at the end", (file, disk) -> flip(file, 1)),
          new Named("deleted", (file, disk) -> Files.delete(file)),
          new Named("a directory", (file, disk) -> occupied(file)),
          new Named("not to be opened", (file, disk) -> disk.refuse(file)),
          new Named("not to be read", (file, disk) -> disk.lose(file)));

  private static void cut(Path file, long size) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, (int) Math.max(0, size)));
  }

  private static void flip(Path file, double where) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length > 0) {
      bytes[(int) ((bytes.length - 1) * where)] ^= 8;
      Files.write(file, bytes);
    }
  }

  private static void occupied(Path file) throws IOException {
    Files.delete(file);
    Files.createDirectory(file);
    Files.writeString(file.resolve("something"), "else");
  }

  private Agent agent(Path state, FakeControlPlane plane, List<String> said) throws IOException {
    AgentSettings settings =
        new AgentSettings(
            new Endpoint("in-process", 1),
            "cam-1",
            state,
            DeviceProfile.newBuilder().setDeviceClass("test").setCores(2).build(),
            Budget.newBuilder().setP95LatencyNs(5_000_000).build(),
            Optional.empty(),
            Optional.empty(),
            List.of("small"),
            Duration.ofMinutes(10),
            OptionalInt.of(0),
            Optional.empty(),
            1,
            1);
    return Agent.start(settings, said::add, plane::channel, () -> PROBES);
  }

  private static void assertInstalled(FakeControlPlane plane, int rung) throws Exception {
    Outcome outcome = plane.outcome();
    assertThat(outcome.getStatus())
        .as(outcome.toString())
        .isEqualTo(Outcome.Status.STATUS_INSTALLED);
    assertThat(outcome.getRung()).isEqualTo(rung);
  }

  /** A device that served rung 1, serves rung 3, and has begun to fetch what rung 2 needs. */
  private Path used() throws Exception {
    Path state = directory.resolve("used");
    try (FakeControlPlane plane = new FakeControlPlane(family)) {
      plane.start();
      plane.order(family.desired(1, 1));
      try (Agent agent = agent(state, plane, new ArrayList<>())) {
        assertInstalled(plane, 1);
        plane.order(family.desired(2, 3));
        assertInstalled(plane, 3);
      }
    }
    Blob patch = family.manifest().getRungs(1).getPatch();
    ByteString content = family.content(patch.getSha256());
    try (PartialBlob begun = new DirectoryBlobStore(state.resolve("blobs")).partial(patch)) {
      begun.append(0, content.substring(0, content.size() / 2));
    }
    return state;
  }

  @TestFactory
  Stream<DynamicTest> whateverIsDamagedTheAgentStartsWithAWholeHeirOrSaysThatItHasNone()
      throws Exception {
    Path used = used();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(used)) {
      files = walk.filter(Files::isRegularFile).map(used::relativize).sorted().toList();
    }
    assertThat(files)
        .map(Path::toString)
        .contains("current", "previous", "trust", "slots/a/heir.onnx", "slots/b/heir.onnx");
    assertThat(files).hasSizeGreaterThan(12);
    return files.stream()
        .flatMap(
            file ->
                DAMAGES.stream()
                    .map(
                        damage ->
                            DynamicTest.dynamicTest(
                                file + " " + damage.name(),
                                () -> assertSurvives(used, file, damage.damage()))));
  }

  private void assertSurvives(Path used, Path file, Damage damage) throws Exception {
    Path state = copy(used);
    FaultyDisk disk = new FaultyDisk(state);
    damage.to(state.resolve(file), disk);
    List<String> said = new CopyOnWriteArrayList<>();
    try (FakeControlPlane plane = new FakeControlPlane(family)) {
      plane.start();
      try (Agent agent = agent(disk.directory(), plane, said)) {
        int port = agent.servePort().orElseThrow();
        int rung = plane.hello().getServingRung();
        if (rung > 0) {
          golden.assertServed(port, rung);
        } else {
          assertThat(said).anyMatch(line -> line.contains("starting without one"));
        }
        assertThat(rung).as("all that one damage leaves: %s", said).isIn(1, 3);
        plane.order(family.desired(3, 2));
        assertInstalled(plane, 2);
        golden.assertServed(port, 2);
      }
      try (Agent again = agent(disk.directory(), plane, said)) {
        assertThat(plane.hello().getServingRung()).isEqualTo(2);
        golden.assertServed(again.servePort().orElseThrow(), 2);
      }
    }
  }

  private Path copy(Path used) throws IOException {
    Path copy = Files.createTempDirectory(directory, "damaged");
    try (Stream<Path> walk = Files.walk(used)) {
      for (Path each : walk.toList()) {
        Path to = copy.resolve(used.relativize(each));
        if (Files.isDirectory(each)) {
          Files.createDirectories(to);
        } else {
          Files.copy(each, to);
        }
      }
    }
    return copy;
  }
}
