package dev.heirloom.control.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.access.RefusedException;
import dev.heirloom.control.fleet.UnknownDeviceException;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.runtime.MalformedException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.BackpressureTimeoutException;
import org.apache.pekko.stream.BufferOverflowException;
import org.apache.pekko.stream.StreamIdleTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that says which gRPC status, with which {@code google.rpc} details, a failure ends
 * a call with.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  /** What the operating system says, in the words of the C library. */
  private static final String DISK_FULL = "No space left on device";

  private Failures() {}

  /** A message whose {@code field} is not acceptable. */
  static StatusRuntimeException invalid(String field, String description) {
    return status(
        Code.INVALID_ARGUMENT,
        field + ": " + description,
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder().setField(field).setDescription(description))
            .build());
  }

  /** More than a limit allows; {@code limit} names it. */
  static StatusRuntimeException exhausted(String limit, String description) {
    return status(
        Code.RESOURCE_EXHAUSTED,
        limit + ": " + description,
        QuotaFailure.newBuilder()
            .addViolations(
                QuotaFailure.Violation.newBuilder().setSubject(limit).setDescription(description))
            .build());
  }

  /** Nothing of that kind has that name. */
  static StatusRuntimeException notFound(String kind, String name) {
    return status(
        Code.NOT_FOUND,
        "no such " + kind + ": " + name,
        ResourceInfo.newBuilder().setResourceType(kind).setResourceName(name).build());
  }

  /** A device that must enrol before it may do what it asked for. */
  static StatusRuntimeException notEnrolled(String device) {
    String description = "device " + device + " is not known: enrol first";
    return status(
        Code.FAILED_PRECONDITION,
        description,
        PreconditionFailure.newBuilder()
            .addViolations(
                PreconditionFailure.Violation.newBuilder()
                    .setType("ENROLMENT")
                    .setSubject(device)
                    .setDescription(description))
            .build());
  }

  /** A request that the state of what it is about does not allow. */
  static StatusRuntimeException refused(String description) {
    return status(
        Code.FAILED_PRECONDITION,
        description,
        PreconditionFailure.newBuilder()
            .addViolations(PreconditionFailure.Violation.newBuilder().setDescription(description))
            .build());
  }

  /** A call that its caller may not make. */
  static Status status(Refusal refusal) {
    Status.Code code =
        switch (refusal.kind()) {
          case UNKNOWN, INVALID -> Status.Code.UNAUTHENTICATED;
          case ROLE, OBJECT -> Status.Code.PERMISSION_DENIED;
          case RATE, FAILURES -> Status.Code.RESOURCE_EXHAUSTED;
          case COPY -> Status.Code.ALREADY_EXISTS;
        };
    return code.toStatus().withDescription(refusal.reason());
  }

  /** The status for whatever went wrong. */
  static StatusRuntimeException of(Throwable thrown) {
    Throwable failure = unwrapped(thrown);
    if (failure instanceof StatusRuntimeException status) {
      return status;
    }
    if (failure instanceof StatusException status) {
      return status.getStatus().asRuntimeException(status.getTrailers());
    }
    if (failure instanceof RefusedException refused) {
      return status(refused.refusal()).asRuntimeException();
    }
    if (failure instanceof UnknownDeviceException unknown) {
      return notFound("device", unknown.device());
    }
    if (failure instanceof MalformedException malformed) {
      return malformed(String.valueOf(malformed.getMessage()));
    }
    if (failure instanceof StatusReply.ErrorMessage refusal) {
      String message = String.valueOf(refusal.getMessage());
      return message.contains("(expected: ") ? malformed(message) : refused(message);
    }
    if (failure instanceof BlobClaims.BlobBusyException busy) {
      return Status.ABORTED.withDescription(busy.getMessage()).asRuntimeException();
    }
    if (failure instanceof BackpressureTimeoutException) {
      return Status.DEADLINE_EXCEEDED
          .withDescription("the stream was not read for too long; ask again from where it stopped")
          .asRuntimeException();
    }
    if (failure instanceof StreamIdleTimeoutException) {
      return Status.DEADLINE_EXCEEDED
          .withDescription("nothing was sent for too long")
          .asRuntimeException();
    }
    if (failure instanceof TimeoutException) {
      return Status.UNAVAILABLE
          .withDescription("no answer in time; try again")
          .asRuntimeException();
    }
    if (failure instanceof BufferOverflowException) {
      return exhausted("unread messages", "the stream is not read; connect again");
    }
    if (failure instanceof FileSystemException) {
      LOG.error("storage failed: {}", failure.toString());
      return Status.INTERNAL.withDescription("storage failed").asRuntimeException();
    }
    if (failure instanceof IOException full
        && String.valueOf(full.getMessage()).startsWith(DISK_FULL)) {
      LOG.error("storage failed: {}", full.toString());
      return exhausted("disk space", "the control plane's disk is full");
    }
    LOG.error("call failed", failure);
    return Status.INTERNAL.withDescription("internal error").asRuntimeException();
  }

  /** Messages of malformed input are {@code FIELD: what is wrong}. */
  private static StatusRuntimeException malformed(String message) {
    int colon = message.indexOf(": ");
    return colon > 0
        ? invalid(message.substring(0, colon), message.substring(colon + 2))
        : invalid("message", message);
  }

  /** What failed, without what carried it from one stage of a computation to the next. */
  static Throwable unwrapped(Throwable thrown) {
    Throwable failure = thrown;
    Throwable cause = failure.getCause();
    while (cause != null
        && (failure instanceof CompletionException || failure instanceof ExecutionException)) {
      failure = cause;
      cause = failure.getCause();
    }
    return failure;
  }

  private static StatusRuntimeException status(Code code, String message, Message detail) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(Any.pack(detail))
            .build());
  }
}
