package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.fixture.FakeControlPlane;
import dev.heirloom.edge.fixture.FleetKeys;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.link.Endpoint;
import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.ModelMetadataRequest;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.sample.SampleWriter;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole agents, with real sessions, against a control plane in the same process. */
@Timeout(60)
class AgentTest {
  private static final ProbeTimes PROBES = new ProbeTimes(1, List.of(1_000L, 2_000L));

  private final Path directory;

  private final SmallFamily family = SmallFamily.create();
  private FakeControlPlane controlPlane = new FakeControlPlane(family);
  private Optional<Path> trust = Optional.empty();
  private List<String> families = List.of("small");
  private final List<String> said = new CopyOnWriteArrayList<>();

  AgentTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void start() throws IOException {
    controlPlane.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    controlPlane.close();
  }

  private Agent agent(Duration window, Optional<AgentSettings.Stream> stream) throws IOException {
    AgentSettings settings =
        new AgentSettings(
            new Endpoint("in-process", 1),
            "cam-1",
            directory.resolve("state"),
            DeviceProfile.newBuilder().setDeviceClass("test").setCores(2).build(),
            Budget.newBuilder().setP95LatencyNs(5_000_000).build(),
            trust,
            Optional.empty(),
            families,
            window,
            OptionalInt.of(0),
            stream,
            1,
            1);
    return Agent.start(settings, said::add, () -> controlPlane.channel(), () -> PROBES);
  }

  private Agent quietAgent() throws IOException {
    return agent(Duration.ofMinutes(10), Optional.empty());
  }

  private static void assertInstalled(Outcome outcome, long decision, int rung) {
    assertThat(outcome.getStatus())
        .as(outcome.toString())
        .isEqualTo(Outcome.Status.STATUS_INSTALLED);
    assertThat(outcome.getDecision()).isEqualTo(decision);
    assertThat(outcome.getRung()).isEqualTo(rung);
  }

  @Test
  void enrolsAndInstallsWhatIsOrdered() throws Exception {
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      assertThat(agent.servePort()).isPresent();
      assertThat(controlPlane.enrolment().getName()).isEqualTo("cam-1");
      Hello hello = controlPlane.hello();
      assertThat(hello.getFamily()).isEqualTo("small");
      assertThat(hello.getBudget().getP95LatencyNs()).isEqualTo(5_000_000);
      assertThat(hello.getServingRung()).isZero();
      Outcome first = controlPlane.outcome();
      assertInstalled(first, 1, 1);
      assertThat(first.getMissingBytes()).isEqualTo(family.bytesFor(1));
      controlPlane.order(family.desired(2, 3));
      Outcome second = controlPlane.outcome();
      assertInstalled(second, 2, 3);
      assertThat(second.getMissingBytes()).isEqualTo(family.bytesBetween(1, 3));
      assertThat(second.getWireBytes()).isGreaterThan(second.getMissingBytes());
      assertThat(said).contains("serving rung 1 of small", "serving rung 3 of small");
    }
  }

  @Test
  void servesFromDiskBeforeAnyNetworkAndSaysSoInHello() throws Exception {
    controlPlane.order(family.desired(1, 2));
    try (Agent agent = quietAgent()) {
      assertInstalled(controlPlane.outcome(), 1, 2);
      assertThat(controlPlane.hello().getServingRung()).isZero();
    }
    try (Agent agent = quietAgent()) {
      Hello hello = controlPlane.hello();
      assertThat(hello.getServingRung()).isEqualTo(2);
      assertThat(hello.getServingManifestSha256()).isEqualTo(family.manifestBlob().getSha256());
      assertThat(said).contains("serving rung 2 of small from disk");
    }
  }

  @Test
  void damagedHeirIsToldAndAssembledAnewBeforeAnyNetwork() throws Exception {
    controlPlane.order(family.desired(1, 2));
    try (Agent agent = quietAgent()) {
      assertInstalled(controlPlane.outcome(), 1, 2);
      controlPlane.hello();
    }
    Path heir = directory.resolve("state/slots/a/heir.onnx");
    Files.write(heir, new byte[10]);
    try (Agent agent = quietAgent()) {
      assertThat(controlPlane.hello().getServingRung()).isEqualTo(2);
      assertThat(said)
          .anyMatch(
              line ->
                  line.contains("cannot be used")
                      && line.endsWith("rung 2 of small is assembled anew from its parts"));
    }
  }

  @Test
  void resumesATransferThatBroke() throws Exception {
    controlPlane.breakFetchAfter(20);
    controlPlane.order(family.desired(1, 3));
    try (Agent agent = quietAgent()) {
      Outcome outcome = controlPlane.outcome();
      assertInstalled(outcome, 1, 3);
      assertThat(outcome.getMissingBytes()).isEqualTo(family.bytesFor(3));
      assertThat(said).anyMatch(line -> line.startsWith("transfer interrupted"));
    }
  }

  @Test
  void goesOnFromAnotherControlPlaneWhereTheFirstOneBroke() throws Exception {
    controlPlane.breakFetchesAfter(20);
    controlPlane.order(family.desired(1, 3));
    FakeControlPlane first = controlPlane;
    try (FakeControlPlane second = new FakeControlPlane(family)) {
      second.start();
      second.order(family.desired(1, 3));
      try (Agent agent = quietAgent()) {
        first.fetch(); // the manifest
        first.fetch();
        first.fetch(); // what arrived before the break is on the disk
        controlPlane = second;
        first.kill();
        Outcome outcome = second.outcome();
        assertInstalled(outcome, 1, 3);
        assertThat(outcome.getMissingBytes()).isEqualTo(family.bytesFor(3));
        assertThat(second.fetch().getBlobsList())
            .as("a blob that goes on within, or one that is not begun")
            .hasSizeLessThan(family.neededFor(3).size());
      }
    }
  }

  @Test
  void theSmallestRungServesWhileTheRestArrives() throws Exception {
    SmallFamily stepwise = SmallFamily.stepwise();
    try (FakeControlPlane plane = new FakeControlPlane(stepwise)) {
      controlPlane = plane;
      plane.start();
      plane.order(stepwise.desired(1, 3));
      try (Agent agent = quietAgent()) {
        Outcome first = plane.outcome();
        assertThat(first.getStatus()).isEqualTo(Outcome.Status.STATUS_ON_THE_WAY);
        assertThat(first.getRung()).isEqualTo(1);
        assertInstalled(plane.outcome(), 1, 3);
        assertThat(said).contains("serving rung 1 of small while the rest arrives");
        assertThat(plane.fetch().getBlobsCount()).as("the manifest").isEqualTo(1);
        ByteString probe = stepwise.manifest().getProbe().getSha256();
        assertThat(plane.fetch().getBlobsList())
            .as("the smallest rung")
            .noneMatch(blob -> blob.getSha256().equals(probe));
        assertThat(plane.fetch().getBlobsList())
            .as("the rest")
            .anyMatch(blob -> blob.getSha256().equals(probe));
      }
    }
  }

  @Test
  void whenTheLinkBreaksTheSmallestRungServesOn() throws Exception {
    SmallFamily stepwise = SmallFamily.stepwise();
    try (FakeControlPlane plane = new FakeControlPlane(stepwise)) {
      controlPlane = plane;
      plane.start();
      plane.order(stepwise.desired(1, 3));
      plane.breakFetchAfter(FakeControlPlane.pieces(stepwise.neededFor(1)) + 1);
      try (Agent agent = quietAgent()) {
        assertThat(plane.outcome().getRung()).isEqualTo(1);
        assertInstalled(plane.outcome(), 1, 3);
        assertThat(said).anyMatch(line -> line.startsWith("transfer interrupted"));
      }
    }
  }

  @Test
  void endlessDataIsNamedAndTheTransferEnded() throws Exception {
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      assertInstalled(controlPlane.outcome(), 1, 1);
      controlPlane.sendWithoutEnd();
      controlPlane.order(family.desired(2, 3));
      Outcome outcome = controlPlane.outcome();
      assertThat(outcome.getStatus()).isEqualTo(Outcome.Status.STATUS_FAILED);
      assertThat(outcome.getFailedCheck()).isEqualTo("fetch");
      assertThat(outcome.getMessage()).startsWith("endless data: ");
      assertThat(controlPlane.fetchDropped()).isTrue();
      assertThat(said).anyMatch(line -> line.contains("rung 1 of small stays in service"));
    }
  }

  @Test
  void anAgentThatWasGivenARosterObeysNobodyElse() throws Exception {
    Path roster = directory.resolve("1.roster");
    Files.write(roster, new FleetKeys().roster().signed().toByteArray());
    trust = Optional.of(roster);
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      Outcome outcome = controlPlane.outcome();
      assertThat(outcome.getStatus()).isEqualTo(Outcome.Status.STATUS_FAILED);
      assertThat(outcome.getFailedCheck()).isEqualTo("trust");
      assertThat(outcome.getMessage()).startsWith("wrong software: ");
    }
    Files.write(roster, new byte[] {1});
    assertThatThrownBy(this::quietAgent)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a roster of keys");
  }

  @Test
  void reconnectsAfterAKillResumesAndSendsWhatItKept() throws Exception {
    try (Agent agent = agent(Duration.ofMillis(150), Optional.empty())) {
      controlPlane.hello();
      controlPlane.order(family.desired(1, 1));
      assertInstalled(controlPlane.outcome(), 1, 1);
      Window before = controlPlane.window();
      assertThat(before.getSequence()).isEqualTo(1);
      controlPlane.kill();
      controlPlane.order(family.desired(2, 3));
      controlPlane.start();
      Hello hello = controlPlane.hello();
      assertThat(hello.getServingRung()).isEqualTo(1);
      assertInstalled(controlPlane.outcome(), 2, 3);
      long last = before.getSequence();
      Window window;
      do {
        window = controlPlane.window();
        assertThat(window.getSequence()).isGreaterThan(last);
        last = window.getSequence();
      } while (window.getRung() != 3);
      assertThat(said).anyMatch(line -> line.contains("lost") && line.contains("serving on"));
      assertThat(said).anyMatch(line -> line.startsWith("connected again"));
    }
  }

  @Test
  void saysOnceThatTheControlPlaneIsNotReached() throws Exception {
    controlPlane.kill();
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      controlPlane.start();
      assertInstalled(controlPlane.outcome(), 1, 1);
    }
    assertThat(said.stream().filter(line -> line.contains("not reached")))
        .hasSizeLessThanOrEqualTo(1);
    assertThat(said).anyMatch(line -> line.startsWith("enrolled"));
  }

  @Test
  void windowsThatNobodyTookOutliveTheAgentAndComeOnce() throws Exception {
    controlPlane.order(family.desired(1, 1));
    controlPlane.takeWindows(false);
    try (Agent agent = agent(Duration.ofMillis(100), Optional.empty())) {
      assertInstalled(controlPlane.outcome(), 1, 1);
      controlPlane.hello();
      Path third = directory.resolve("state/reports/%020d".formatted(3));
      while (!Files.exists(third)) {
        Thread.onSpinWait();
      }
    }
    controlPlane.takeWindows(true);
    try (Agent agent = agent(Duration.ofMillis(100), Optional.empty())) {
      assertThat(controlPlane.hello().getReporter()).isNotZero();
      for (int sequence = 1; sequence <= 3; sequence++) {
        Window window = controlPlane.window();
        assertThat(window.getSequence()).isEqualTo(sequence);
        assertThat(window.getLate()).isTrue();
      }
      Window window;
      do {
        window = controlPlane.window();
      } while (window.getLate());
      assertThat(window.getSequence()).isGreaterThan(3);
    }
  }

  @Test
  void severalFamiliesAreServedEachByItsName() throws Exception {
    families = List.of("small", "other");
    SmallFamily second = SmallFamily.named("other");
    controlPlane.also(second);
    controlPlane.orderOf("cam-1", family.desired(1, 1));
    controlPlane.orderOf("cam-1/other", second.desired(7, 2));
    try (Agent agent = quietAgent()) {
      List<Outcome> outcomes = List.of(controlPlane.outcome(), controlPlane.outcome());
      assertThat(outcomes)
          .extracting(Outcome::getFamily, Outcome::getDecision, Outcome::getStatus)
          .containsExactlyInAnyOrder(
              tuple("small", 1L, Outcome.Status.STATUS_INSTALLED),
              tuple("other", 7L, Outcome.Status.STATUS_INSTALLED));
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", agent.servePort().orElseThrow())
              .usePlaintext()
              .build();
      try {
        assertThat(version(channel, "small")).endsWith("-1");
        assertThat(version(channel, "other")).endsWith("-2");
        assertThatThrownBy(() -> version(channel, "third"))
            .hasMessageContaining("'third' (expected: small or other)");
      } finally {
        channel.shutdownNow();
      }
    }
    controlPlane.hello();
    controlPlane.hello();
    try (Agent agent = quietAgent()) {
      assertThat(List.of(controlPlane.hello(), controlPlane.hello()))
          .extracting(Hello::getDevice, Hello::getServingRung)
          .containsExactlyInAnyOrder(tuple("cam-1", 1), tuple("cam-1/other", 2));
    }
  }

  private static String version(ManagedChannel channel, String family) {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel)
        .modelMetadata(ModelMetadataRequest.newBuilder().setName(family).build())
        .getVersions(0);
  }

  @Test
  void aRungIsTriedBesideTheOneInServiceAndBothAreReported() throws Exception {
    Path data = directory.resolve("data.npz");
    SampleWriter.write(family.samples(200, 5), data);
    controlPlane.order(family.desired(1, 1));
    try (Agent agent =
        agent(Duration.ofMinutes(1), Optional.of(new AgentSettings.Stream(data.toString(), 500)))) {
      assertInstalled(controlPlane.outcome(), 1, 1);
      controlPlane.tell(ToAgent.newBuilder().setShadow(shadow(3).setTrial(5)).build());
      ShadowReport found = controlPlane.trial();
      assertThat(found.getTrial()).isEqualTo(5);
      assertThat(found.getFailure()).isEmpty();
      assertThat(found.getRung()).isEqualTo(3);
      assertThat(found.getServingRung()).isEqualTo(1);
      assertThat(found.getCandidate().getCount()).isEqualTo(100);
      assertThat(found.getServing().getCount()).isEqualTo(100);
      assertThat(found.getAnswers()).isEqualTo(100);
      assertThat(found.getAgreeing()).isBetween(10L, 99L);
      assertThat(found.getLabelled()).isPositive();
      assertThat(found.getCandidateCorrect())
          .as("the labels are the top rung's own answers")
          .isEqualTo(found.getLabelled());
      assertThat(found.getServingCorrect()).isLessThan(found.getLabelled());
      controlPlane.tell(ToAgent.newBuilder().setShadow(shadow(9).setTrial(6)).build());
      assertThat(controlPlane.trial().getFailure()).contains("rung");
      controlPlane.order(family.desired(2, 3));
      Outcome installed = controlPlane.outcome();
      assertInstalled(installed, 2, 3);
      assertThat(installed.getMissingBytes()).as("the trial fetched it").isZero();
    }
  }

  @Test
  void aTrialWithoutTrafficEndsInTime() throws Exception {
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      assertInstalled(controlPlane.outcome(), 1, 1);
      controlPlane.tell(ToAgent.newBuilder().setShadow(shadow(2).setLongestMs(50)).build());
      ShadowReport found = controlPlane.trial();
      assertThat(found.getFailure()).isEmpty();
      assertThat(found.getCandidate().getCount()).isZero();
    }
  }

  private Shadow.Builder shadow(int rung) {
    Desired desired = family.desired(0, rung);
    return Shadow.newBuilder()
        .setFamily(desired.getFamily())
        .setManifest(desired.getManifest())
        .setRung(rung)
        .setShare(1)
        .setRequests(100)
        .setLongestMs(20_000)
        .setRelease(desired.getRelease())
        .addAllRosters(desired.getRostersList());
  }

  @Test
  void blobsOfAVersionThatNoFamilyNeedsAreRemoved() throws Exception {
    SmallFamily renewed = SmallFamily.renewed();
    controlPlane.also(renewed);
    controlPlane.order(family.desired(1, 3));
    try (Agent agent = quietAgent()) {
      assertInstalled(controlPlane.outcome(), 1, 3);
      DirectoryBlobStore blobs = new DirectoryBlobStore(directory.resolve("state/blobs"));
      assertThat(family.neededFor(3)).allMatch(blob -> blobs.has(Digest.of(blob)));
      controlPlane.order(renewed.desired(2, 1));
      assertInstalled(controlPlane.outcome(), 2, 1);
      Set<ByteString> needed =
          renewed.neededFor(3).stream().map(Blob::getSha256).collect(Collectors.toSet());
      assertThat(family.neededFor(3))
          .filteredOn(blob -> !needed.contains(blob.getSha256()))
          .isNotEmpty()
          .noneMatch(blob -> blobs.has(Digest.of(blob)));
      assertThat(renewed.neededFor(1)).allMatch(blob -> blobs.has(Digest.of(blob)));
    }
  }

  @Test
  void withoutTrafficItMeasuresWithTheProbe() throws Exception {
    controlPlane.order(family.desired(1, 2));
    try (Agent agent = agent(Duration.ofMillis(300), Optional.empty())) {
      Window window = controlPlane.window();
      assertThat(window.getSource()).isEqualTo(Source.SOURCE_PROBE);
      assertThat(window.getRequest().getCount()).isEqualTo(30);
      assertThat(window.getRung()).isEqualTo(2);
      assertThat(window.getProbeSamples()).isEqualTo(SmallFamily.PROBE_SAMPLES);
      assertThat(window.getResidentBytes()).isPositive();
      assertThat(window.getLabelled()).isZero();
    }
  }

  @Test
  void replayedStreamIsServedLabelledAndReported() throws Exception {
    Path data = directory.resolve("data.npz");
    SampleWriter.write(family.samples(200, 5), data);
    controlPlane.order(family.desired(1, 3));
    try (Agent agent =
        agent(
            Duration.ofMillis(400), Optional.of(new AgentSettings.Stream(data.toString(), 200)))) {
      Window window;
      do {
        window = controlPlane.window();
      } while (window.getLabelled() < 20);
      assertThat(window.getSource()).isEqualTo(Source.SOURCE_TRAFFIC);
      assertThat(window.getErrors()).isZero();
      // The labels are the top rung's own answers.
      assertThat(window.getCorrect()).isEqualTo(window.getLabelled());
      assertThat(window.getMeanConfidence()).isBetween(0.25, 1.0);
      assertThat(window.getRequest().getP95Ns())
          .isGreaterThanOrEqualTo(window.getSession().getP50Ns());
    }
  }

  @Test
  void windowsNeverMixRungsAcrossSwaps() throws Exception {
    Path data = directory.resolve("data.npz");
    SampleWriter.write(family.samples(100, 5), data);
    controlPlane.order(family.desired(1, 1));
    try (Agent agent =
        agent(
            Duration.ofMillis(200), Optional.of(new AgentSettings.Stream(data.toString(), 500)))) {
      assertInstalled(controlPlane.outcome(), 1, 1);
      for (int decision = 2; decision <= 6; decision++) {
        int rung = decision % 2 == 0 ? 3 : 1;
        controlPlane.order(family.desired(decision, rung));
        assertInstalled(controlPlane.outcome(), decision, rung);
      }
      Window window;
      do {
        window = controlPlane.window();
        assertThat(window.getErrors()).isZero();
        if (window.getRung() == 3) {
          assertThat(window.getCorrect()).isEqualTo(window.getLabelled());
        }
      } while (window.getRung() != 3 || window.getDurationMs() < 150);
    }
  }

  @Test
  void badDataEndsTheAgentWithOneLine() throws Exception {
    Path data = Files.writeString(directory.resolve("data.npz"), "no zip at all");
    controlPlane.order(family.desired(1, 1));
    Agent agent =
        agent(Duration.ofSeconds(10), Optional.of(new AgentSettings.Stream(data.toString(), 10)));
    assertThat(agent.awaitEnd())
        .hasValueSatisfying(
            reason -> assertThat(reason).startsWith("--stream: ").doesNotContain("\n"));
  }

  @Test
  void failureIsReportedAndTheOldHeirStays() throws Exception {
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      assertInstalled(controlPlane.outcome(), 1, 1);
      controlPlane.order(family.desired(2, 9));
      Outcome failed = controlPlane.outcome();
      assertThat(failed.getStatus()).isEqualTo(Outcome.Status.STATUS_FAILED);
      assertThat(failed.getFailedCheck()).isEqualTo("assemble");
      assertThat(said).anyMatch(line -> line.contains("rung 1 of small stays in service"));
      controlPlane.order(family.desired(3, 0));
      assertThat(controlPlane.outcome().getStatus()).isEqualTo(Outcome.Status.STATUS_FAILED);
      controlPlane.order(SmallFamily.named("stranger").desired(4, 1));
      assertThat(controlPlane.outcome().getFailedCheck()).isEqualTo("fetch");
    }
  }

  @Test
  void rungThatIsServedAlreadyIsAnsweredAtOnce() throws Exception {
    controlPlane.order(family.desired(1, 1));
    try (Agent agent = quietAgent()) {
      Outcome first = controlPlane.outcome();
      controlPlane.order(family.desired(1, 1));
      assertThat(controlPlane.outcome()).isEqualTo(first);
      controlPlane.order(family.desired(2, 1));
      Outcome second = controlPlane.outcome();
      assertInstalled(second, 2, 1);
      assertThat(second.getWireBytes()).isZero();
    }
  }
}
