package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.transport.grpc.RequestFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RefusedRequestsTest {
  private final AtomicLong time = new AtomicLong(-5);
  private final List<String> said = new ArrayList<>();
  private final RefusedRequests refused = new RefusedRequests(time::get, said::add);

  @Test
  void saysTheFirstAtOnceAndTheRestOnceAMinute() {
    refused.accept(RequestFault.MALFORMED);
    refused.accept(RequestFault.MALFORMED);
    time.addAndGet(Duration.ofSeconds(59).toNanos());
    refused.accept(RequestFault.MISSING);
    assertThat(said).containsExactly("requests that were none, so far: 1 malformed");

    time.addAndGet(Duration.ofSeconds(1).toNanos());
    refused.accept(RequestFault.MALFORMED);
    assertThat(said)
        .element(1)
        .isEqualTo("requests that were none, so far: 3 malformed, 1 missing");
  }
}
