package dev.heirloom.control.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.actors.job.JobStatus;
import dev.heirloom.actors.rollout.Rollout;
import dev.heirloom.actors.view.FleetSummary;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.certificate.ServerKeys;
import dev.heirloom.control.fleet.FleetChanges;
import dev.heirloom.control.fleet.FleetMirror;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.fleet.RolloutDesk;
import dev.heirloom.control.store.DirectoryCatalogue;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.http.javadsl.marshalling.sse.EventStreamMarshalling;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.model.sse.ServerSentEvent;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.RejectionHandler;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.stream.javadsl.Source;

/**
 * The HTTP server: the dashboard and what it reads, metrics, and health. It tells; two things can
 * be changed: a rollout can be stopped, and a job cancelled.
 */
public final class HttpEndpoint extends AllDirectives implements AutoCloseable {
  private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(2);
  private static final Duration BIND_PATIENCE = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofMillis(200);
  private static final long LARGEST_FORM_BYTES = 4096;
  private static final ContentType METRICS =
      ContentTypes.parse(PrometheusTextFormatWriter.CONTENT_TYPE);
  private static final List<HttpHeader> HEADERS =
      List.of(
          RawHeader.create("Cache-Control", "no-cache"),
          RawHeader.create(
              "Content-Security-Policy",
              "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
          RawHeader.create("Referrer-Policy", "no-referrer"),
          RawHeader.create("X-Content-Type-Options", "nosniff"));

  /**
   * What the pages are made from.
   *
   * @param journalAnswers whether the journal's database works; may block
   * @param stage how far the control plane has come
   * @param access whom to ask who looks
   * @param tls what to show to browsers; empty: connections are plain text
   */
  public record Ports(
      ActorSystem<?> system,
      ActorRef<FleetView.Command> view,
      FleetMirror mirror,
      RolloutDesk rollouts,
      DirectoryCatalogue catalogue,
      FleetMetrics metrics,
      JobDesk jobs,
      BooleanSupplier journalAnswers,
      Supplier<Stage> stage,
      Access access,
      Optional<ServerKeys> tls,
      Executor blocking) {}

  private final Ports ports;
  private final FleetJson json;
  private final PageGuard guard;
  private final CompletionStage<ServerBinding> binding;

  private HttpEndpoint(InetSocketAddress address, Ports ports) {
    this.ports = ports;
    this.json = new FleetJson(ports.catalogue());
    this.guard = new PageGuard(ports.access(), ports.metrics(), System::nanoTime);
    ServerBuilder server =
        Http.get(ports.system().classicSystem())
            .newServerAt(address.getHostString(), address.getPort());
    this.binding =
        ports
            .tls()
            .map(keys -> server.enableHttps(PageTls.context(keys)))
            .orElse(server)
            .bind(routes());
  }

  /**
   * Listens on {@code address}.
   *
   * @throws ExecutionException where it cannot be bound
   */
  public static HttpEndpoint start(InetSocketAddress address, Ports ports)
      throws ExecutionException, InterruptedException, TimeoutException {
    HttpEndpoint endpoint = new HttpEndpoint(address, ports);
    endpoint.bound();
    return endpoint;
  }

  private ServerBinding bound() throws ExecutionException, InterruptedException, TimeoutException {
    return binding.toCompletableFuture().get(BIND_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The port that is listened on. */
  public int port() {
    return binding.toCompletableFuture().join().localAddress().getPort();
  }

  private Route routes() {
    Route api =
        concat(
            path("devices", () -> complete(json(json.devices(ports.mirror().devices())))),
            path(
                PathMatchers.segment("devices").slash("events"),
                () ->
                    extractRequest(
                        request ->
                            completeOK(events(request), EventStreamMarshalling.toEventStream()))),
            path(PathMatchers.segment("devices").slash(PathMatchers.segment()), this::device),
            path("jobs", () -> complete(json(JobsJson.jobs(ports.jobs().board())))),
            path("rollouts", () -> complete(json(RolloutJson.all(ports.rollouts().rollouts())))),
            path(
                "families", () -> complete(json(FleetJson.families(ports.catalogue().entries())))));
    Route guarded =
        get(
            () ->
                concat(
                    pathPrefix("api", () -> api),
                    path("metrics", () -> complete(text(METRICS, ports.metrics().text()))),
                    pages(WebPage.all())));
    Route open =
        get(
            () ->
                concat(
                    path("health", () -> completeWithFuture(health())),
                    path("ready", () -> completeWithFuture(ready())),
                    pages(WebPage.ofLogin())));
    return respondWithDefaultHeaders(
        HEADERS,
        () ->
            handleRejections(
                RejectionHandler.defaultHandler(),
                () ->
                    concat(
                        open,
                        login(),
                        actions(),
                        extractRequest(request -> admitted(request, guarded)))));
  }

  /** The buttons of the page; each asks for itself who presses it. */
  private Route actions() {
    return concat(
        action("rollouts", "abort", "heirloom.v1.Fleet/AbortRollout", this::aborted),
        action("jobs", "cancel", "heirloom.v1.Teachers/CancelJob", this::cancelled));
  }

  /** Another name must not wake an entity. */
  private CompletionStage<ObjectNode> aborted(String rollout) {
    return ports.rollouts().rollout(rollout).isEmpty()
        ? CompletableFuture.failedStage(new IllegalArgumentException("no such rollout: " + rollout))
        : ports.rollouts().ask(rollout, Rollout.Abort::new).thenApply(RolloutJson::of);
  }

  private CompletionStage<ObjectNode> cancelled(String job) {
    return ports
        .jobs()
        .ask(replyTo -> new JobQueue.Cancel(job, "on the page", replyTo))
        .thenApply(after -> JobsJson.job(new JobStatus(after, JobProgress.NONE)));
  }

  /** {@code POST /api/KIND/NAME/VERB}, which does what a method of gRPC does. */
  private Route action(
      String kind,
      String verb,
      String method,
      Function<String, CompletionStage<ObjectNode>> effect) {
    PageAction action = new PageAction(ports.access(), guard, method);
    return path(
        PathMatchers.segment("api").slash(kind).slash(PathMatchers.segment()).slash(verb),
        name ->
            post(
                () ->
                    extractRequest(
                        request ->
                            completeWithFuture(
                                action
                                    .pressed(request, name, () -> effect.apply(name))
                                    .thenApply(
                                        answer ->
                                            json(answer.body()).withStatus(answer.status()))))));
  }

  private Route admitted(HttpRequest request, Route guarded) {
    Optional<Refusal> refusal = guard.refuse(request);
    if (refusal.isEmpty()) {
      return guarded;
    }
    return request.getUri().path().equals("/")
        ? complete(LoginPage.elsewhere("/login", LoginPage.forget()))
        : complete(json(error(refusal.get().reason())).withStatus(PageGuard.status(refusal.get())));
  }

  /** Where tokens are asked for: the form, what takes it, and what forgets it. */
  private Route login() {
    if (ports.access().open()) {
      return reject();
    }
    return concat(
        path(
            "login",
            () ->
                concat(
                    get(() -> complete(LoginPage.form())),
                    post(
                        () ->
                            withSizeLimit(
                                LARGEST_FORM_BYTES,
                                () ->
                                    formField(
                                        "token", token -> extractRequest(r -> login(r, token))))))),
        path("logout", () -> post(() -> extractRequest(request -> complete(logout(request))))));
  }

  private static HttpResponse logout(HttpRequest request) {
    return SameSite.refusal(request)
        .map(why -> LoginPage.refused(StatusCodes.FORBIDDEN, why))
        .orElseGet(() -> LoginPage.elsewhere("/login", LoginPage.forget()));
  }

  private Route login(HttpRequest request, String token) {
    Optional<String> elsewhere = SameSite.refusal(request);
    if (elsewhere.isPresent()) {
      return complete(LoginPage.refused(StatusCodes.FORBIDDEN, elsewhere.get()));
    }
    Optional<Refusal> refusal = guard.refuse(request, Optional.of(token.strip()));
    return refusal.isEmpty()
        ? complete(LoginPage.elsewhere("/", LoginPage.remember(token.strip())))
        : complete(LoginPage.refused(PageGuard.status(refusal.get()), refusal.get().reason()));
  }

  private Route pages(List<WebPage> pages) {
    return pages.stream()
        .map(
            page ->
                page.path().isEmpty()
                    ? pathSingleSlash(() -> complete(page.answer()))
                    : path(page.path(), () -> complete(page.answer())))
        .reduce(this::concat)
        .orElseThrow();
  }

  private Route device(String name) {
    return ports
        .mirror()
        .device(name)
        .map(device -> complete(json(json.device(device, Integer.MAX_VALUE))))
        .orElseGet(
            () ->
                complete(json(error("no such device: " + name)).withStatus(StatusCodes.NOT_FOUND)));
  }

  /** End when who reads them may no more, at the latest with the next heartbeat. */
  private Source<ServerSentEvent, NotUsed> events(HttpRequest request) {
    return new FleetChanges(ports.view())
        .source(Map.of())
        .map(
            device ->
                ServerSentEvent.create(
                    FleetJson.text(json.device(device, FleetJson.BRIEF)), "device"))
        .keepAlive(HEARTBEAT, ServerSentEvent::heartbeat)
        .takeWhile(event -> guard.stillPasses(request));
  }

  /** Whether it works: where it does not, a restart may help. */
  private CompletionStage<HttpResponse> health() {
    return works()
        .thenApply(
            works ->
                answer(
                    works.fleet && works.journal,
                    JsonNodeFactory.instance
                        .objectNode()
                        .put("status", works.fleet && works.journal ? "up" : "down")
                        .put("fleet", works.fleet)
                        .put("journal", works.journal)));
  }

  /** Whether calls shall be sent here: not while it starts or stops. */
  private CompletionStage<HttpResponse> ready() {
    return works()
        .thenApply(
            works -> {
              Stage stage = ports.stage().get();
              boolean up = works.fleet && works.journal;
              String status = stage == Stage.READY && !up ? "down" : stage.label();
              return answer(
                  stage == Stage.READY && up,
                  JsonNodeFactory.instance.objectNode().put("status", status));
            });
  }

  private record Works(boolean fleet, boolean journal) {}

  private CompletionStage<Works> works() {
    CompletionStage<Boolean> actors =
        AskPattern.<FleetView.Command, FleetSummary>ask(
                ports.view(), FleetView.Summarise::new, HEALTH_PATIENCE, ports.system().scheduler())
            .handle((summary, failure) -> failure == null);
    CompletionStage<Boolean> journal =
        CompletableFuture.supplyAsync(ports.journalAnswers()::getAsBoolean, ports.blocking());
    return actors.thenCombine(journal, Works::new);
  }

  private static HttpResponse answer(boolean good, ObjectNode answer) {
    return json(answer).withStatus(good ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE);
  }

  private static ObjectNode error(String message) {
    return JsonNodeFactory.instance.objectNode().put("error", message);
  }

  private static HttpResponse json(ObjectNode node) {
    return text(ContentTypes.APPLICATION_JSON, FleetJson.text(node));
  }

  private static HttpResponse text(ContentType type, String content) {
    return HttpResponse.create()
        .withEntity(HttpEntities.create(type, content.getBytes(StandardCharsets.UTF_8)));
  }

  /** Takes no more requests and ends those that are open. */
  @Override
  public void close() {
    binding
        .thenCompose(open -> open.terminate(GRACE))
        .toCompletableFuture()
        .orTimeout(2, TimeUnit.SECONDS)
        .exceptionally(failure -> null)
        .join();
  }
}
