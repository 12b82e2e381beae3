package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.AccessRules;
import dev.heirloom.control.access.Identity;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.List;
import java.util.function.Consumer;

/**
 * A call that can be ended from any thread while its service answers it, and that is written down
 * when it ends. Everything else, readiness first of all, is the call's that it stands before.
 */
final class GuardedCall<I, O> extends SimpleForwardingServerCall<I, O> {
  private final Access access;
  private final Identity caller;
  private final String peer;
  private final boolean recorded;
  private final Consumer<GuardedCall<?, ?>> whenOver;
  private List<String> objects = List.of();
  private String asked = "";
  private boolean closed;
  private boolean over;
  private volatile boolean endedHere;

  /**
   * @param recorded whether its end goes into the audit log
   * @param whenOver told once
   */
  GuardedCall(
      ServerCall<I, O> call,
      Access access,
      Identity caller,
      String peer,
      boolean recorded,
      Consumer<GuardedCall<?, ?>> whenOver) {
    super(call);
    this.access = access;
    this.caller = caller;
    this.peer = peer;
    this.recorded = recorded;
    this.whenOver = whenOver;
  }

  Identity caller() {
    return caller;
  }

  /** From where it comes. */
  String peer() {
    return peer;
  }

  /** Whether its end goes into the audit log. */
  boolean recorded() {
    return recorded;
  }

  /**
   * What a request named, and what it asked for.
   *
   * @param details on one line; of the first request that says any
   */
  synchronized void about(List<String> named, String details) {
    if (objects.isEmpty()) {
      objects = named;
    }
    if (asked.isEmpty()) {
      asked = details;
    }
  }

  /** Whether it was ended although its service was not done. */
  boolean endedHere() {
    return endedHere;
  }

  /** Ends it although its service is not done. */
  void end(Status status, boolean record) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      endedHere = true;
      super.close(status, new Metadata());
    }
    over(status, record);
  }

  @Override
  public synchronized void sendHeaders(Metadata headers) {
    if (!closed) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public synchronized void sendMessage(O message) {
    if (!closed) {
      super.sendMessage(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      super.close(status, trailers);
    }
    over(status);
  }

  /** It has ended. */
  void over(Status status) {
    over(status, true);
  }

  private void over(Status status, boolean record) {
    String named;
    String details;
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      named = String.join(", ", objects);
      details = asked;
    }
    whenOver.accept(this);
    if (recorded && record) {
      String method = getMethodDescriptor().getFullMethodName();
      access.record(
          caller,
          peer,
          AccessRules.of(method).map(AccessRule::brief).orElse(method),
          named,
          status.getCode().name(),
          status.getDescription() == null ? details : status.getDescription());
    }
  }
}
