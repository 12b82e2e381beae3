package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.HeirForm;
import dev.heirloom.proto.v1.HeirParts;
import dev.heirloom.proto.v1.LatencyForecast;
import dev.heirloom.proto.v1.ModelsGrpc;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.TailorResponse;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Manifests;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are no agents ask for an heir. */
class TailorIT {
  private static final int CLIENTS = 100;

  private final ControlPlane plane;
  private final Caller caller;
  private final TinyFamily family;
  private final RecommendRequest request =
      RecommendRequest.newBuilder().setFamily("wide").setProfile(TestAgent.profile()).build();

  TailorIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    family = TinyFamily.of("wide", 4000, 1);
    caller.publish(family);
  }

  @AfterEach
  void stop() {
    caller.close();
    plane.close();
  }

  @Test
  void assemblesOnceForAHundredClientsAtOnce() throws Exception {
    byte[] exported = HeirAssembler.assemble(family.manifest(), 3, family.blobs());
    List<Tailored> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(Tailored.ask(caller, request));
    }
    for (Tailored client : clients) {
      Waiting.value(client.end);
      assertThat(client.first.getRecommendation().getRung()).isEqualTo(3);
      assertThat(client.content.toByteArray()).isEqualTo(exported);
      assertThat(client.heir.getHeir().getSha256()).isEqualTo(Digest.of(exported).bytes());
      assertThat(client.heir.getHeir().getSizeBytes()).isEqualTo(exported.length);
    }
    assertThat(metric("heirloom_tailor_assemblies_total{result=\"assembled\"}")).isEqualTo(1);
    assertThat(metric("heirloom_tailor_requests_total{cache=\"hit\"}")).isEqualTo(CLIENTS - 1);
    assertThat(metric("heirloom_tailor_cache_bytes")).isEqualTo(exported.length);
  }

  @Test
  void goesOnForTheOthersWhereTheFirstCancels() throws Exception {
    Context.CancellableContext first = Context.current().withCancellation();
    Tailored given = first.call(() -> Tailored.ask(caller, request));
    Tailored second = Tailored.ask(caller, request);
    first.cancel(new IllegalStateException("given up"));
    Waiting.value(second.end);
    assertThat(second.content.toByteArray())
        .isEqualTo(HeirAssembler.assemble(family.manifest(), 3, family.blobs()));
    assertThat(given.end)
        .satisfiesAnyOf(e -> assertThat(e).isDone(), e -> Waiting.until(e::isDone));
  }

  @Test
  void givesAsBandsWhatTheClientLacksTheSmallestRungsFirst() throws Exception {
    RecommendRequest bands = request.toBuilder().setForm(HeirForm.HEIR_FORM_BANDS).build();
    HeirParts all = parts(bands);
    assertThat(all.getManifest().getManifest()).isEqualTo(family.manifest().toByteString());
    assertThat(all.getManifest().hasRelease()).isTrue();
    assertThat(all.getLackingList())
        .containsExactlyInAnyOrderElementsOf(Manifests.needed(family.manifest(), 3));
    List<Blob> order =
        family.manifest().getLayers(0).getBandsList().stream().map(band -> band.getBlob()).toList();
    assertThat(all.getLackingList().stream().filter(order::contains))
        .containsExactlyElementsOf(order);
    HeirParts rest =
        parts(
            bands.toBuilder()
                .addHeldSha256(family.manifest().getSkeleton().getSha256())
                .addHeldSha256(order.get(0).getSha256())
                .build());
    assertThat(rest.getLackingList())
        .doesNotContain(family.manifest().getSkeleton(), order.get(0))
        .contains(order.get(1), order.get(2));
    assertThat(caller.fetch(order.get(2).getSha256(), 0))
        .isEqualTo(ByteString.copyFrom(family.blobs().read(order.get(2))));
  }

  @Test
  void endsWithTheRecommendationWhereABudgetCannotBeMetAndOnlyThatIsWanted() {
    RecommendRequest small =
        request.toBuilder().setBudget(Budget.newBuilder().setSizeBytes(1)).build();
    Iterator<TailorResponse> refused =
        caller.models().tailor(small.toBuilder().setOnlyIfMet(true).build());
    RecommendResponse told = refused.next().getRecommendation();
    assertThat(told.getFeasible()).isFalse();
    assertThat(told.getMissesList())
        .singleElement()
        .satisfies(m -> assertThat(m.getBy()).isPositive());
    assertThat(refused.hasNext()).isFalse();
    Iterator<TailorResponse> best = caller.models().tailor(small);
    assertThat(best.next().getRecommendation()).isEqualTo(told);
    assertThat(best.next().hasHeir()).isTrue();
  }

  @Test
  void saysHowSureItIs() {
    RecommendResponse unknown = caller.models().recommend(request);
    assertThat(unknown.getP95Latency().getBasis())
        .isEqualTo(LatencyForecast.Basis.BASIS_UNSPECIFIED);
    assertThat(unknown.getAccuracy().getExpected()).isEqualTo(0.92);
    assertThat(unknown.getAccuracy().getSamples()).as("the family does not say").isZero();
    assertThat(unknown.getAccuracy().getUpper()).isEqualTo(0.92);
  }

  @Test
  void refusesWhatIsNoRequest() {
    refused(request.toBuilder().addHeldSha256(ByteString.copyFromUtf8("short")).build());
    refused(request.toBuilder().setFormValue(9).build());
  }

  private void refused(RecommendRequest wrong) {
    StatusRuntimeException thrown =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> caller.models().tailor(wrong).next());
    assertThat(thrown).isNotNull();
    assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private HeirParts parts(RecommendRequest bands) {
    Iterator<TailorResponse> answer = caller.models().tailor(bands);
    assertThat(answer.next().hasRecommendation()).isTrue();
    HeirParts parts = answer.next().getParts();
    assertThat(answer.hasNext()).isFalse();
    return parts;
  }

  private double metric(String series) throws Exception {
    HttpRequest scrape =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + "/metrics"))
            .build();
    return HttpClient.newHttpClient()
        .send(scrape, HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  /** One client's answer. */
  private static final class Tailored implements StreamObserver<TailorResponse> {
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();
    private TailorResponse first = TailorResponse.getDefaultInstance();
    private TailorResponse heir = TailorResponse.getDefaultInstance();
    private ByteString content = ByteString.EMPTY;

    static Tailored ask(Caller caller, RecommendRequest request) {
      Tailored answer = new Tailored();
      ModelsGrpc.newStub(caller.channel()).tailor(request, answer);
      return answer;
    }

    @Override
    public void onNext(TailorResponse message) {
      switch (message.getMessageCase()) {
        case RECOMMENDATION -> first = message;
        case HEIR -> heir = message;
        default -> content = content.concat(message.getContent());
      }
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(true);
    }
  }
}
