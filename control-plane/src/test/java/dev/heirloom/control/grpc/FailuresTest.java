package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void saysThatTheDiskIsFull() {
    Status status =
        Failures.of(new CompletionException(new IOException("No space left on device")))
            .getStatus();
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).isEqualTo("disk space: the control plane's disk is full");
  }

  @Test
  void tellsNothingOfWhatItDoesNotKnow() {
    assertThat(Failures.of(new IOException("/secret/path")).getStatus())
        .returns(Status.Code.INTERNAL, Status::getCode)
        .returns("internal error", Status::getDescription);
  }
}
