package dev.heirloom.control.grpc;

import com.google.protobuf.Message;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AuditLog;
import dev.heirloom.control.access.DeviceDesk;
import dev.heirloom.control.access.Role;
import dev.heirloom.control.access.Scope;
import dev.heirloom.control.access.TokenBook;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.certificate.ServerKeys;
import dev.heirloom.control.fixture.DeviceKey;
import dev.heirloom.control.fixture.MemoryRecords;
import dev.heirloom.control.fixture.TlsCaller;
import dev.heirloom.control.http.FleetMetrics;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.proto.v1.AgentsGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A server over TLS on which every method there is answers at once, behind the interceptor. */
final class SecuredServer implements AutoCloseable {
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<MethodDescriptor<?, ?>> methods = new ArrayList<>();
  private final Path directory = Files.createTempDirectory("heirloom-access");
  private final AccessDirectory files;
  private final TokenBook tokens;
  private final DeviceDesk devices;
  private final AuditLog audit;
  private final Server server;

  private SecuredServer(List<ServiceDescriptor> services) throws Exception {
    Clock clock = Clock.systemUTC();
    TokenSecret first = TokenSecret.create();
    files =
        AccessDirectory.create(
            directory,
            List.of("localhost", "127.0.0.1"),
            first.id() + " " + first.sha256(),
            clock.instant());
    MemoryRecords records = new MemoryRecords();
    tokens = TokenBook.open(records, clock);
    devices = DeviceDesk.open(records, tokens, files.authority(), Duration.ofDays(1), clock);
    audit = new AuditLog(records);
    Access access = new Access(records, tokens, Optional.of(devices), audit, clock);
    // Time flies: nobody here calls too often.
    AtomicLong time = new AtomicLong();
    Refusals refusals =
        new Refusals(
            access,
            new FleetMetrics(DirectoryCatalogue.open(directory.resolve("families"), clock), clock),
            () -> time.addAndGet(TimeUnit.SECONDS.toNanos(10)));
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(ServerTls.context(new ServerKeys(files.server(clock.instant()))))
            .intercept(new AccessInterceptor(access, refusals, new OpenCalls()));
    for (ServiceDescriptor service : services) {
      ServerServiceDefinition.Builder served = ServerServiceDefinition.builder(service);
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        methods.add(method);
        answer(served, method);
      }
      builder.addService(served.build());
    }
    server = builder.build().start();
  }

  /** Every service whose stubs were generated from our contracts, health and reflection. */
  static SecuredServer ofEveryMethod() throws Exception {
    List<ServiceDescriptor> services = new ArrayList<>();
    services.add(new HealthStatusManager().getHealthService().bindService().getServiceDescriptor());
    services.add(ProtoReflectionServiceV1.newInstance().bindService().getServiceDescriptor());
    for (String name : generated()) {
      Class<?> stubs = Class.forName(AgentsGrpc.class.getPackageName() + "." + name);
      ServiceDescriptor service =
          (ServiceDescriptor) stubs.getMethod("getServiceDescriptor").invoke(null);
      // Feedback is served by agents.
      if (!service.getName().endsWith(".Feedback")) {
        services.add(service);
      }
    }
    return new SecuredServer(services);
  }

  private static List<String> generated() throws Exception {
    Path code =
        Path.of(AgentsGrpc.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String folder = AgentsGrpc.class.getPackageName().replace('.', '/');
    if (Files.isDirectory(code)) {
      return generated(code.resolve(folder));
    }
    try (FileSystem jar = FileSystems.newFileSystem(code)) {
      return generated(jar.getPath(folder));
    }
  }

  private static List<String> generated(Path folder) throws Exception {
    try (Stream<Path> classes = Files.list(folder)) {
      return classes
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.matches("[A-Za-z]+Grpc\\.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .sorted()
          .toList();
    }
  }

  private static <I, O> void answer(
      ServerServiceDefinition.Builder service, MethodDescriptor<I, O> method) {
    service.addMethod(
        method,
        (call, headers) -> {
          call.request(1);
          return new ServerCall.Listener<I>() {
            @Override
            public void onMessage(I message) {
              call.sendHeaders(new Metadata());
              @SuppressWarnings("unchecked")
              O nothing = (O) prototype(method.getResponseMarshaller());
              call.sendMessage(nothing);
              call.close(Status.OK, new Metadata());
            }
          };
        });
  }

  static Message prototype(MethodDescriptor.Marshaller<?> marshaller) {
    return (Message) ((MethodDescriptor.PrototypeMarshaller<?>) marshaller).getMessagePrototype();
  }

  List<MethodDescriptor<?, ?>> methods() {
    return methods;
  }

  private ManagedChannel kept(ManagedChannel channel) {
    channels.add(channel);
    return channel;
  }

  private X509Certificate authority() {
    try {
      return files.authority().certificate();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  ManagedChannel nobody() {
    return kept(TlsCaller.nobody(server.getPort(), authority()));
  }

  ManagedChannel bearer(Role role, Scope scope) {
    TokenSecret secret = TokenSecret.create();
    try {
      tokens.create(
          new TokenBook.Terms(
              "test", role, scope, Optional.empty(), role == Role.ENROLMENT ? 1 : 0),
          secret);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return kept(TlsCaller.bearer(server.getPort(), authority(), secret.text()));
  }

  ManagedChannel device(String name) {
    DeviceKey key = DeviceKey.of(name);
    TokenSecret secret = TokenSecret.create();
    try {
      tokens.create(
          new TokenBook.Terms("test", Role.ENROLMENT, Scope.FLEET, Optional.empty(), 1), secret);
      byte[] certificate = devices.enrol(name, secret.text(), key.request()).encoded().der();
      return kept(
          TlsCaller.device(
              server.getPort(),
              authority(),
              key.pair().getPrivate(),
              DeviceKey.certificate(certificate)));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** How a call with one request ends. */
  <I, O> Status.Code call(ManagedChannel channel, MethodDescriptor<I, O> method, Message request)
      throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<I, O> call =
        channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(2);
    @SuppressWarnings("unchecked")
    I message = (I) request;
    call.sendMessage(message);
    call.halfClose();
    return end.get(30, TimeUnit.SECONDS).getCode();
  }

  @Override
  public void close() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    audit.close();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
