package dev.heirloom.control.grpc;

import com.google.protobuf.Message;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.AccessRules;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.access.RefusedException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Stands before every service: says who calls, asks the method's rule, then the rule of every
 * object that a request names, and writes down what was done and what was refused. A method without
 * a rule is refused.
 */
final class AccessInterceptor implements ServerInterceptor {
  /** Who makes the call. */
  static final Context.Key<Identity> CALLER =
      Context.keyWithDefault("heirloom-caller", new Identity.Nobody());

  /** From where. */
  static final Context.Key<String> PEER = Context.keyWithDefault("heirloom-peer", "unknown");

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Access access;
  private final Refusals refusals;
  private final OpenCalls calls;

  AccessInterceptor(Access access, Refusals refusals, OpenCalls calls) {
    this.access = access;
    this.refusals = refusals;
    this.calls = calls;
  }

  @Override
  public <I, O> ServerCall.Listener<I> interceptCall(
      ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    String peer = peer(call);
    Identity caller;
    try {
      caller = access.identify(Optional.ofNullable(headers.get(AUTHORIZATION)), certificate(call));
    } catch (RefusedException e) {
      return refused(call, refusals.invalid(e.refusal(), peer, method));
    }
    if (!access.open() && !refusals.mayCall(caller, peer)) {
      return refused(call, refusals.tooMany(caller, peer, method));
    }
    Optional<AccessRule> rule = AccessRules.of(method);
    Optional<Refusal> refusal =
        rule.isPresent() ? rule.get().refuse(caller) : withoutRule(caller, method);
    if (refusal.isPresent()) {
      return refused(call, refusals.of(refusal.get(), caller, peer, method, ""));
    }
    return admitted(call, headers, next, rule, caller, peer);
  }

  private static Optional<Refusal> withoutRule(Identity caller, String method) {
    return caller instanceof Identity.Local
        ? Optional.empty()
        : Optional.of(new Refusal(Refusal.Kind.ROLE, "no rule permits " + method));
  }

  private <I, O> ServerCall.Listener<I> admitted(
      ServerCall<I, O> call,
      Metadata headers,
      ServerCallHandler<I, O> next,
      Optional<AccessRule> rule,
      Identity caller,
      String peer) {
    GuardedCall<I, O> guarded =
        new GuardedCall<>(
            call, access, caller, peer, rule.filter(AccessRule::changes).isPresent(), calls::ended);
    if (!calls.begun(guarded)) {
      return refused(call, refusals.tooManyOpen(caller, peer, call.getMethodDescriptor()));
    }
    // Whoever revoked it since it was looked at may have gone through the open calls before.
    if (!access.stillIs(caller)) {
      Refusal refusal =
          new Refusal(Refusal.Kind.INVALID, caller.label() + " was revoked or has expired");
      String method = call.getMethodDescriptor().getFullMethodName();
      guarded.end(refusals.of(refusal, caller, peer, method, ""), false);
      return new ServerCall.Listener<>() {};
    }
    Context context = Context.current().withValues(CALLER, caller, PEER, peer);
    ServerCall.Listener<I> served = Contexts.interceptCall(context, guarded, headers, next);
    RequestObjects objects = new RequestObjects(rule.map(AccessRule::objects).orElse(List.of()));
    return new Listener<>(served, guarded, rule, objects, caller, peer);
  }

  private static <I, O> ServerCall.Listener<I> refused(ServerCall<I, O> call, Status status) {
    call.close(status, new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static String peer(ServerCall<?, ?> call) {
    SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "unknown";
  }

  private static Optional<X509Certificate> certificate(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate first
          ? Optional.of(first)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** Looks at every message before the service does. */
  private final class Listener<I> extends SimpleForwardingServerCallListener<I> {
    private final GuardedCall<I, ?> call;
    private final Optional<AccessRule> rule;
    private final RequestObjects objects;
    private final Identity caller;
    private final String peer;

    Listener(
        ServerCall.Listener<I> served,
        GuardedCall<I, ?> call,
        Optional<AccessRule> rule,
        RequestObjects objects,
        Identity caller,
        String peer) {
      super(served);
      this.call = call;
      this.rule = rule;
      this.objects = objects;
      this.caller = caller;
      this.peer = peer;
    }

    @Override
    public void onMessage(I message) {
      if (call.endedHere()) {
        return;
      }
      if (rule.isPresent() && message instanceof Message request) {
        RequestObjects.Found found = objects.in(request);
        call.about(
            rule.get().objects().isEmpty() ? RequestObjects.subject(request) : found.names(),
            asked(request));
        Optional<Refusal> refusal =
            found.speaks() ? rule.get().refuse(caller, found.names()) : Optional.empty();
        if (refusal.isPresent()) {
          String named = String.join(", ", found.names());
          String method = rule.get().method();
          call.end(refusals.of(refusal.get(), caller, peer, method, named), false);
          return;
        }
      }
      super.onMessage(message);
    }

    /** What is written down of a request besides what it is about. */
    private String asked(Message request) {
      boolean brief = call.getMethodDescriptor().getType().clientSendsOneMessage();
      return brief && call.recorded() ? RequestObjects.details(request, objects.paths()) : "";
    }

    @Override
    public void onHalfClose() {
      if (!call.endedHere()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onReady() {
      if (!call.endedHere()) {
        super.onReady();
      }
    }

    @Override
    public void onCancel() {
      call.over(Status.CANCELLED);
      super.onCancel();
    }

    /** To the service, a call that was ended before it is a call that was cancelled. */
    @Override
    public void onComplete() {
      if (call.endedHere()) {
        super.onCancel();
      } else {
        super.onComplete();
      }
    }
  }
}
