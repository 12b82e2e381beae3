package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.QuotaFailure;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.Flag;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.GetManifestRequest;
import dev.heirloom.proto.v1.LiftFlagRequest;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListDevicesResponse;
import dev.heirloom.proto.v1.ListFamiliesRequest;
import dev.heirloom.proto.v1.OfferRequest;
import dev.heirloom.proto.v1.PinRungRequest;
import dev.heirloom.proto.v1.ProbeTimes;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.proto.v1.TailorResponse;
import dev.heirloom.proto.v1.TryRungRequest;
import dev.heirloom.proto.v1.WatchRequest;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.graph.OnnxModel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every service of one control plane; each test has names of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServicesIT {
  private static final long MS = 1_000_000;

  private final ControlPlane plane;
  private final Caller caller;
  private final TinyFamily family;

  ServicesIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    family = TinyFamily.small();
    caller.publish(family);
  }

  @AfterAll
  void stop() {
    caller.close();
    plane.close();
  }

  private static StatusRuntimeException refused(Status.Code code, ThrowingCallable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(thrown).isNotNull();
    assertThat(thrown.getStatus().getCode()).as(thrown.getMessage()).isEqualTo(code);
    return thrown;
  }

  private static String field(StatusRuntimeException thrown) throws Exception {
    com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
    assertThat(status).isNotNull();
    return status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0).getField();
  }

  private static String invalid(ThrowingCallable call) throws Exception {
    return field(refused(Status.Code.INVALID_ARGUMENT, call));
  }

  private static StatusRuntimeException ended(TestAgent agent) {
    return (StatusRuntimeException) agent.end();
  }

  @Test
  void tellsTheCallersTraceInTheAnswer() {
    Metadata headers = new Metadata();
    headers.put(Traces.TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    assertThat(trace(headers)).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(trace(new Metadata())).matches("[0-9a-f]{32}").isNotEqualTo(trace(new Metadata()));
  }

  private String trace(Metadata headers) {
    AtomicReference<Metadata> trailers = new AtomicReference<>(new Metadata());
    caller
        .fleet()
        .withInterceptors(
            MetadataUtils.newAttachHeadersInterceptor(headers),
            MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
        .listDevices(ListDevicesRequest.getDefaultInstance());
    return String.valueOf(Objects.requireNonNull(trailers.get()).get(Traces.TRACE_ID));
  }

  // --- Agents

  @Test
  void enrolsAgainWithAnotherProfile() {
    TestAgent.enrol(caller, "twice");
    caller
        .blockingAgents()
        .enrol(
            EnrolRequest.newBuilder()
                .setName("twice")
                .setProfile(TestAgent.profile().toBuilder().setDeviceClass("other"))
                .build());
    Device device = get("twice");
    assertThat(device.getProfile().getDeviceClass()).isEqualTo("other");
  }

  private Device get(String name) {
    return caller.fleet().getDevice(GetDeviceRequest.newBuilder().setName(name).build());
  }

  @Test
  void refusesNamesThatAreNone() throws Exception {
    for (String name : List.of("", "a b", "/b", "a/", "a/b/c", "x".repeat(129), "ä")) {
      assertThat(invalid(() -> TestAgent.enrol(caller, name))).isEqualTo("name");
    }
  }

  @Test
  void refusesAProfileBeyondItsLimits() throws Exception {
    EnrolRequest request =
        EnrolRequest.newBuilder()
            .setName("limits")
            .setProfile(TestAgent.profile().toBuilder().setDeviceClass("c".repeat(300)))
            .build();
    assertThat(invalid(() -> caller.blockingAgents().enrol(request)))
        .isEqualTo("profile.device_class");
  }

  @Test
  void refusesTimesOfMicroProbesThatNoDeviceHas() throws Exception {
    for (ProbeTimes wrong :
        List.of(
            ProbeTimes.newBuilder().setProbeSet(1).build(),
            ProbeTimes.newBuilder().addNs(1).build(),
            ProbeTimes.newBuilder().setProbeSet(-1).addNs(1).build(),
            ProbeTimes.newBuilder().setProbeSet(1).addNs(0).build(),
            ProbeTimes.newBuilder().setProbeSet(1).addNs(-1).build(),
            ProbeTimes.newBuilder().setProbeSet(1).addAllNs(Collections.nCopies(11, 1L)).build())) {
      EnrolRequest request =
          EnrolRequest.newBuilder()
              .setName("limits")
              .setProfile(TestAgent.profile().toBuilder().setProbes(wrong))
              .build();
      assertThat(invalid(() -> caller.blockingAgents().enrol(request)))
          .as(wrong.toString())
          .isEqualTo("profile.probes");
    }
  }

  @Test
  void endsAStreamThatDoesNotBeginWithHello() throws Exception {
    try (TestAgent agent = TestAgent.silent(caller)) {
      agent.send(FromAgent.newBuilder().setWindow(Window.getDefaultInstance()).build());
      StatusRuntimeException end = ended(agent);
      assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(field(end)).isEqualTo("hello");
    }
    TestAgent nothing = TestAgent.silent(caller);
    nothing.close();
    assertThat(ended(nothing).getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void asksAnUnknownDeviceToEnrol() {
    try (TestAgent agent = TestAgent.connect(caller, "stranger", 0)) {
      StatusRuntimeException end = ended(agent);
      assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(end.getStatus().getDescription()).contains("enrol first");
    }
  }

  @Test
  void takesAMalformedWindowForNothingAndGoesOn() throws Exception {
    TestAgent.enrol(caller, "odd");
    try (TestAgent agent = TestAgent.connect(caller, "odd", 0)) {
      assertThat(agent.taken()).isZero();
      Desired desired = agent.desired();
      agent.installed(desired);
      Window.Builder window = TestAgent.window(1, desired, 5 * MS).toBuilder();
      window.setCorrect(window.getLabelled() + 1);
      agent.send(FromAgent.newBuilder().setWindow(window).build());
      assertThat(agent.taken()).isEqualTo(1);
      assertThat(get("odd").hasLastWindow()).isFalse();
      agent.send(FromAgent.newBuilder().setWindow(TestAgent.window(2, desired, 5 * MS)).build());
      assertThat(agent.taken()).isEqualTo(2);
      assertThat(get("odd").getLastWindow().getSequence()).isEqualTo(2);
      agent.send(FromAgent.newBuilder().setWindow(window.setSequence(0)).build());
      StatusRuntimeException end = ended(agent);
      assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void answersWindowsAndTellsAfterAReconnectHowFarItTookThem() throws Exception {
    TestAgent.enrol(caller, "counted");
    Desired desired;
    try (TestAgent agent = TestAgent.counting(caller, "counted", 99)) {
      assertThat(agent.taken()).isZero();
      desired = agent.desired();
      agent.installed(desired);
      agent.windows(3, desired, 5 * MS);
      assertThat(List.of(agent.taken(), agent.taken(), agent.taken())).containsExactly(1L, 2L, 3L);
    }
    try (TestAgent agent = TestAgent.counting(caller, "counted", 99)) {
      assertThat(agent.taken()).isEqualTo(3);
      agent.send(FromAgent.newBuilder().setWindow(TestAgent.window(2, desired, 50 * MS)).build());
      assertThat(agent.taken()).isEqualTo(3);
    }
    try (TestAgent agent = TestAgent.counting(caller, "counted", 100)) {
      assertThat(agent.taken()).as("a device that lost its state directory").isZero();
    }
  }

  @Test
  void hasARungTriedAndTellsWhatTheDeviceFound() throws Exception {
    TestAgent.enrol(caller, "trying/tiny");
    try (TestAgent agent = TestAgent.connect(caller, "trying/tiny", 0)) {
      agent.installed(agent.desired());
      TryRungRequest request =
          TryRungRequest.newBuilder().setName("trying/tiny").setRung(2).setShare(0.5).build();
      Waiting.until(() -> get("trying/tiny").getReportedRung() > 0);
      caller.fleet().tryRung(request);
      Shadow trial = agent.trial();
      assertThat(trial.getRung()).isEqualTo(2);
      assertThat(trial.getShare()).isEqualTo(0.5);
      assertThat(trial.getRequests()).isEqualTo(200);
      assertThat(trial.hasRelease()).isTrue();
      agent.send(
          FromAgent.newBuilder()
              .setShadowReport(
                  ShadowReport.newBuilder()
                      .setTrial(trial.getTrial())
                      .setManifestSha256(trial.getManifest().getSha256())
                      .setRung(2)
                      .setServingRung(1)
                      .setAnswers(10)
                      .setAgreeing(9))
              .build());
      Waiting.until(() -> get("trying/tiny").getLastShadow().getAgreeing() == 9);
      assertThat(invalid(() -> caller.fleet().tryRung(request.toBuilder().setShare(2).build())))
          .isEqualTo("terms.share");
      refused(
          Status.Code.INVALID_ARGUMENT,
          () -> caller.fleet().tryRung(request.toBuilder().setRung(9).build()));
    }
  }

  @Test
  void endsTheOlderOfTwoStreamsOfADevice() throws Exception {
    TestAgent.enrol(caller, "double");
    try (TestAgent older = TestAgent.connect(caller, "double", 0)) {
      older.desired();
      try (TestAgent newer = TestAgent.connect(caller, "double", 0)) {
        newer.desired();
        assertThat(ended(older).getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(get("double").getOnline()).isTrue();
      }
    }
  }

  @Test
  void refusesToFetchWhatIsNotThere() throws Exception {
    ByteString unknown = Digest.of(new byte[] {42}).bytes();
    StatusRuntimeException missing = refused(Status.Code.NOT_FOUND, () -> caller.fetch(unknown, 0));
    assertThat(missing.getStatus().getDescription()).contains("no such blob");
    assertThat(invalid(() -> caller.fetch(ByteString.copyFromUtf8("short"), 0)))
        .isEqualTo("blobs[0].sha256");
    Blob skeleton = family.manifest().getSkeleton();
    assertThat(invalid(() -> caller.fetch(skeleton.getSha256(), skeleton.getSizeBytes() + 1)))
        .isEqualTo("blobs[0].offset_bytes");
    assertThat(invalid(() -> caller.fetch(skeleton.getSha256(), -1)))
        .isEqualTo("blobs[0].offset_bytes");
  }

  @Test
  void refusesToFetchMoreBlobsThanTheLimit() throws Exception {
    FetchRequest.Builder request = FetchRequest.newBuilder().setDevice("d");
    BlobRange range =
        BlobRange.newBuilder().setSha256(family.manifest().getSkeleton().getSha256()).build();
    for (int i = 0; i <= 20_000; i++) {
      request.addBlobs(range);
    }
    StatusRuntimeException thrown =
        refused(
            Status.Code.RESOURCE_EXHAUSTED,
            () -> caller.blockingAgents().fetch(request.build()).hasNext());
    com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
    assertThat(status).isNotNull();
    assertThat(status.getDetails(0).unpack(QuotaFailure.class).getViolations(0).getSubject())
        .isEqualTo("blobs");
  }

  @Test
  void servesOthersWhileAClientDoesNotReadItsFetch() throws Exception {
    TinyFamily large = TinyFamily.of("large", 2000, 3);
    caller.publish(large);
    FetchRequest.Builder request = FetchRequest.newBuilder().setDevice("stalled");
    Blob band = large.manifest().getLayers(0).getBands(2).getBlob();
    for (int i = 0; i < 2000; i++) {
      request.addBlobs(BlobRange.newBuilder().setSha256(band.getSha256()));
    }
    double before = sentBytes();
    Stalled stalled = new Stalled();
    caller.agents().fetch(request.build(), stalled);
    assertThat(stalled.first.await(Waiting.SECONDS, TimeUnit.SECONDS)).isTrue();
    // The same connection still serves short calls and whole blobs.
    Blob skeleton = large.manifest().getSkeleton();
    assertThat(band.getSizeBytes()).isGreaterThan(10_000);
    for (int i = 0; i < 20; i++) {
      assertThat(caller.fetch(skeleton.getSha256(), 0).size())
          .isEqualTo((int) skeleton.getSizeBytes());
    }
    assertThat(stalled.received).hasSize(1);
    assertThat(sentBytes() - before)
        .as("bytes taken for a client that does not read, of %d", 2000 * band.getSizeBytes())
        .isLessThan(1 << 20);
    stalled.call().cancel("enough", null);
    assertThat(Waiting.value(stalled.end)).isInstanceOf(StatusRuntimeException.class);
  }

  private double sentBytes() throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + plane.httpPort() + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofLines())
        .body()
        .filter(line -> line.startsWith("heirloom_fetched_bytes_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  /** Asks for one message and then for no more. */
  private static final class Stalled
      implements ClientResponseObserver<FetchRequest, FetchResponse> {
    final CountDownLatch first = new CountDownLatch(1);
    final List<FetchResponse> received = new ArrayList<>();
    final CompletableFuture<Throwable> end = new CompletableFuture<>();
    private final CompletableFuture<ClientCallStreamObserver<FetchRequest>> started =
        new CompletableFuture<>();

    ClientCallStreamObserver<FetchRequest> call() {
      return Waiting.value(started);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FetchRequest> requests) {
      requests.disableAutoRequestWithInitial(1);
      started.complete(requests);
    }

    @Override
    public void onNext(FetchResponse value) {
      received.add(value);
      first.countDown();
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(new IllegalStateException("completed"));
    }
  }

  // --- Models

  @Test
  void recommendsAndTailorsTheSameRung() throws Exception {
    RecommendRequest request =
        RecommendRequest.newBuilder()
            .setFamily("tiny")
            .setProfile(TestAgent.profile().toBuilder().setDeviceClass("never-seen"))
            .build();
    RecommendResponse recommended = caller.models().recommend(request);
    assertThat(recommended.getRung()).as(recommended.getReason()).isEqualTo(3);
    assertThat(recommended.getFeasible()).isTrue();
    assertThat(recommended.getExpectedAccuracy()).isEqualTo(0.92);
    Iterator<TailorResponse> answer = caller.models().tailor(request);
    assertThat(answer.next().getRecommendation()).isEqualTo(recommended);
    ByteString onnx = ByteString.EMPTY;
    while (answer.hasNext()) {
      onnx = onnx.concat(answer.next().getContent());
    }
    OnnxModel model = OnnxModel.parse(onnx.toByteArray(), "tailored");
    assertThat(model.inputs()).singleElement().satisfies(i -> assertThat(i.name()).isEqualTo("x"));
  }

  @Test
  void tellsManifestsByFamily() throws Exception {
    assertThat(
            caller
                .models()
                .getManifest(GetManifestRequest.newBuilder().setFamily("tiny").build())
                .getManifest())
        .isEqualTo(family.manifest().toByteString());
    refused(
        Status.Code.NOT_FOUND,
        () ->
            caller.models().getManifest(GetManifestRequest.newBuilder().setFamily("none").build()));
    assertThat(
            invalid(
                () ->
                    caller
                        .models()
                        .getManifest(GetManifestRequest.newBuilder().setFamily("a b").build())))
        .isEqualTo("family");
    RecommendRequest none = RecommendRequest.newBuilder().setFamily("none").build();
    refused(Status.Code.NOT_FOUND, () -> caller.models().recommend(none));
    refused(Status.Code.NOT_FOUND, () -> caller.models().tailor(none).hasNext());
  }

  // --- Fleet

  @Test
  void listsDevicesByLabelPageAfterPage() {
    for (int i = 0; i < 5; i++) {
      caller
          .blockingAgents()
          .enrol(
              EnrolRequest.newBuilder()
                  .setName("page-" + i)
                  .setProfile(TestAgent.profile().toBuilder().putLabels("paged", "yes"))
                  .build());
    }
    // The view hears of a device a moment after its twin answered.
    Iterator<Device> watched =
        caller.fleet().watch(WatchRequest.newBuilder().putSelector("paged", "yes").build());
    for (int i = 0; i < 5; i++) {
      watched.next();
    }
    List<String> names = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      ListDevicesResponse page =
          caller
              .fleet()
              .listDevices(
                  ListDevicesRequest.newBuilder()
                      .putSelector("paged", "yes")
                      .setPageSize(2)
                      .setPageToken(token)
                      .build());
      page.getDevicesList().forEach(device -> names.add(device.getName()));
      token = page.getNextPageToken();
      pages++;
    } while (!token.isEmpty());
    assertThat(names).containsExactly("page-0", "page-1", "page-2", "page-3", "page-4");
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void refusesPagesAndSelectorsBeyondTheirLimits() throws Exception {
    assertThat(
            invalid(
                () ->
                    caller
                        .fleet()
                        .listDevices(ListDevicesRequest.newBuilder().setPageSize(1001).build())))
        .isEqualTo("page_size");
    ListDevicesRequest.Builder request = ListDevicesRequest.newBuilder();
    for (int i = 0; i < 65; i++) {
      request.putSelector("k" + i, "v");
    }
    assertThat(invalid(() -> caller.fleet().listDevices(request.build()))).isEqualTo("selector");
  }

  @Test
  void refusesWhatIsAskedOfAnUnknownDevice() {
    refused(Status.Code.NOT_FOUND, () -> get("nobody"));
    refused(
        Status.Code.NOT_FOUND,
        () ->
            caller
                .fleet()
                .setBudget(
                    SetBudgetRequest.newBuilder()
                        .setName("nobody")
                        .setBudget(Budget.newBuilder().setP95LatencyNs(1))
                        .build()));
  }

  @Test
  void pinsARungThatTheFamilyHasAndNoOther() throws Exception {
    TestAgent.enrol(caller, "pinned");
    try (TestAgent agent = TestAgent.connect(caller, "pinned", 0)) {
      Desired first = agent.desired();
      agent.installed(first);
      int other = first.getRung() == 1 ? 2 : 1;
      Device device = pin("pinned", other);
      assertThat(device.getPinnedRung()).isEqualTo(other);
      assertThat(agent.desired().getRung()).isEqualTo(other);
      assertThat(invalid(() -> pin("pinned", 4))).isEqualTo("rung");
      assertThat(pin("pinned", 0).getPinnedRung()).isZero();
    }
  }

  @Test
  void flagsADeviceWhoseAccuracyIsUnderTheFloorUntilAnOperatorKnowsOfIt() throws Exception {
    TestAgent.enrol(caller, "flagged");
    try (TestAgent agent = TestAgent.connect(caller, "flagged", 0)) {
      Desired first = agent.desired();
      agent.installed(first);
      pin("flagged", first.getRung());
      Budget budget = Budget.newBuilder().setLeastAccuracy(0.95).build();
      caller
          .fleet()
          .setBudget(SetBudgetRequest.newBuilder().setName("flagged").setBudget(budget).build());
      agent.windows(2, first, 5 * MS);
      Waiting.until(() -> get("flagged").hasFlag());

      Device device = get("flagged");
      assertThat(device.getFlag().getKind()).isEqualTo(Flag.Kind.KIND_UNDER_FLOOR);
      assertThat(device.getFlag().getReason())
          .contains("accuracy in the field is 90.0 %", "under the 95.0 % asked for");
      assertThat(device.getFieldAccuracy().getLabels()).isEqualTo(800);
      assertThat(device.getFieldAccuracy().getUpper()).isLessThan(0.95);
      Device lifted =
          caller.fleet().liftFlag(LiftFlagRequest.newBuilder().setName("flagged").build());
      assertThat(lifted.hasFlag()).isFalse();
      assertThat(lifted.hasFieldAccuracy()).isFalse();
    }
  }

  private Device pin(String name, int rung) {
    return caller.fleet().pinRung(PinRungRequest.newBuilder().setName(name).setRung(rung).build());
  }

  @Test
  void givesTheBudgetBackToTheAgentWhenItIsEmpty() throws Exception {
    TestAgent.enrol(caller, "budget");
    try (TestAgent agent = TestAgent.connect(caller, "budget", 7 * MS)) {
      assertThat(agent.budget().getP95LatencyNs()).isEqualTo(7 * MS);
      caller
          .fleet()
          .setBudget(
              SetBudgetRequest.newBuilder()
                  .setName("budget")
                  .setBudget(Budget.newBuilder().setP95LatencyNs(3 * MS))
                  .build());
      assertThat(agent.budget().getP95LatencyNs()).isEqualTo(3 * MS);
      Device device =
          caller.fleet().setBudget(SetBudgetRequest.newBuilder().setName("budget").build());
      assertThat(device.getBudgetSetByOperator()).isFalse();
      assertThat(agent.budget().getP95LatencyNs()).isEqualTo(7 * MS);
    }
    assertThat(
            invalid(
                () ->
                    caller
                        .fleet()
                        .setBudget(
                            SetBudgetRequest.newBuilder()
                                .setName("budget")
                                .setBudget(Budget.newBuilder().setLeastAccuracy(1.5))
                                .build())))
        .isEqualTo("budget.least_accuracy");
  }

  @Test
  void watchesChanges() throws Exception {
    caller
        .blockingAgents()
        .enrol(
            EnrolRequest.newBuilder()
                .setName("watched")
                .setProfile(TestAgent.profile().toBuilder().putLabels("watch", "me"))
                .build());
    Iterator<Device> changes =
        caller.fleet().watch(WatchRequest.newBuilder().putSelector("watch", "me").build());
    assertThat(changes.next().getName()).isEqualTo("watched");
    caller
        .fleet()
        .setBudget(
            SetBudgetRequest.newBuilder()
                .setName("watched")
                .setBudget(Budget.newBuilder().setP95LatencyNs(9 * MS))
                .build());
    Device device = changes.next();
    while (device.getBudget().getP95LatencyNs() != 9 * MS) {
      device = changes.next();
    }
    assertThat(device.getBudgetSetByOperator()).isTrue();
  }

  // --- Teachers

  @Test
  void publishesAgainWithoutAnyBlob() throws Exception {
    assertThat(
            caller
                .teachers()
                .offer(
                    OfferRequest.newBuilder().setManifest(family.manifest().toByteString()).build())
                .getMissingList())
        .isEmpty();
    assertThat(caller.publish(family).getReceivedBytes()).isZero();
  }

  @Test
  void refusesAFamilyWithAFlippedByteAndKnowsNothingOfIt() throws Exception {
    TinyFamily flipped = TinyFamily.of("flipped", 8, 11);
    Caller.Publishing publishing = caller.startPublish();
    publishing.manifest(flipped.manifest().toByteString());
    Blob blob = flipped.manifest().getLayers(0).getBands(0).getBlob();
    byte[] bytes = flipped.blobs().read(blob);
    bytes[3] ^= 4;
    publishing.piece(blob.getSha256(), 0, ByteString.copyFrom(bytes));
    StatusRuntimeException thrown = refused(Status.Code.INVALID_ARGUMENT, publishing::finish);
    assertThat(thrown.getStatus().getDescription()).contains("damaged");
    assertThat(
            caller
                .models()
                .listFamilies(ListFamiliesRequest.getDefaultInstance())
                .getFamiliesList())
        .noneMatch(known -> known.getName().equals("flipped"));
    assertThat(caller.publish(flipped).getFamily()).isEqualTo("flipped");
  }

  @Test
  void refusesAPublishWithoutManifestOrWithTwo() throws Exception {
    Caller.Publishing empty = caller.startPublish();
    assertThat(invalid(empty::finish)).isEqualTo("manifest");
    Caller.Publishing twice = caller.startPublish();
    twice.manifest(family.manifest().toByteString());
    twice.manifest(family.manifest().toByteString());
    assertThat(invalid(twice::finish)).isEqualTo("manifest");
  }

  @Test
  void refusesAMessageBeyondTheLimit() {
    ByteString large = ByteString.copyFrom(new byte[(4 << 20) + 1]);
    refused(
        Status.Code.RESOURCE_EXHAUSTED,
        () -> caller.teachers().offer(OfferRequest.newBuilder().setManifest(large).build()));
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            caller
                .teachers()
                .offer(
                    OfferRequest.newBuilder()
                        .setManifest(ByteString.copyFromUtf8("no manifest"))
                        .build()));
  }

  @Test
  void saysThatItIsHealthy() {
    assertThat(
            HealthGrpc.newBlockingStub(caller.channel())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }
}
