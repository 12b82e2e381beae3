package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AuditLog;
import dev.heirloom.control.access.DeviceDesk;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.access.Scope;
import dev.heirloom.control.access.Token;
import dev.heirloom.control.access.TokenBook;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.control.certificate.CertificateAuthority;
import dev.heirloom.control.fixture.MemoryRecords;
import dev.heirloom.control.http.FleetMetrics;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.WatchRequest;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessInterceptorTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private static final MethodDescriptor<HealthCheckRequest, HealthCheckResponse> WATCH =
      HealthGrpc.getWatchMethod();

  private final MemoryRecords records = new MemoryRecords();
  private final LookedAt clock = new LookedAt();
  private final OpenCalls calls = new OpenCalls();
  private final AuditLog audit = new AuditLog(records);
  private final TokenBook tokens;
  private final Access access;
  private final AccessInterceptor interceptor;

  AccessInterceptorTest(@TempDir Path directory) throws Exception {
    tokens = TokenBook.open(records, clock);
    DeviceDesk desk =
        DeviceDesk.open(records, tokens, CertificateAuthority.create(NOW, DAY), DAY, clock);
    access = new Access(records, tokens, Optional.of(desk), audit, clock);
    access.onEnd(calls::end);
    FleetMetrics metrics = new FleetMetrics(DirectoryCatalogue.open(directory, clock), clock);
    interceptor =
        new AccessInterceptor(access, new Refusals(access, metrics, System::nanoTime), calls);
  }

  @AfterEach
  void end() throws Exception {
    audit.close();
  }

  /** A clock that does something when it is looked at. */
  private static final class LookedAt extends Clock {
    private Optional<Runnable> next = Optional.empty();

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      Optional<Runnable> now = next;
      next = Optional.empty();
      now.ifPresent(Runnable::run);
      return NOW;
    }
  }

  /** A stream of which only the end is of interest. */
  private static final class Stream<I, O> extends ServerCall<I, O> {
    private final MethodDescriptor<I, O> method;
    private final List<Status> ends = new ArrayList<>();

    Stream(MethodDescriptor<I, O> method) {
      this.method = method;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(O message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      ends.add(status);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<I, O> getMethodDescriptor() {
      return method;
    }
  }

  private Stream<WatchRequest, Device> called(TokenSecret secret) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + secret.text());
    Stream<WatchRequest, Device> stream = new Stream<>(FleetGrpc.getWatchMethod());
    interceptor.interceptCall(stream, headers, (call, sent) -> new ServerCall.Listener<>() {});
    return stream;
  }

  private void revoke(Token token) {
    try {
      assertThat(tokens.revoke(token.id())).isPresent();
      access.endOutdated();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aStreamThatBeganWhileItsTokenWasRevokedEnds() throws Exception {
    TokenSecret secret = TokenSecret.create();
    Token token =
        tokens.create(
            new TokenBook.Terms("wall", Role.VIEWER, Scope.FLEET, Optional.empty(), 0), secret);
    Stream<WatchRequest, Device> before = called(secret);
    assertThat(before.ends).isEmpty();
    // Between the look at the token and the moment from which the call counts as open.
    clock.next = Optional.of(() -> revoke(token));
    Stream<WatchRequest, Device> during = called(secret);
    assertThat(before.ends)
        .extracting(Status::getCode)
        .containsExactly(Status.Code.UNAUTHENTICATED);
    assertThat(during.ends)
        .extracting(Status::getCode)
        .containsExactly(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void whoeverDoesNotSayWhoHeIsHoldsFewStreamsAtOnce() {
    ServerCall.Listener<HealthCheckRequest> first = watched(new Stream<>(WATCH));
    for (int i = 1; i < OpenCalls.MOST_OF_STRANGERS; i++) {
      watched(new Stream<>(WATCH));
    }
    Stream<HealthCheckRequest, HealthCheckResponse> tooMany = new Stream<>(WATCH);
    watched(tooMany);
    assertThat(tooMany.ends)
        .extracting(Status::getCode)
        .containsExactly(Status.Code.RESOURCE_EXHAUSTED);
    first.onCancel();
    Stream<HealthCheckRequest, HealthCheckResponse> next = new Stream<>(WATCH);
    watched(next);
    assertThat(next.ends).isEmpty();
  }

  private ServerCall.Listener<HealthCheckRequest> watched(
      Stream<HealthCheckRequest, HealthCheckResponse> stream) {
    return interceptor.interceptCall(
        stream, new Metadata(), (call, sent) -> new ServerCall.Listener<>() {});
  }
}
