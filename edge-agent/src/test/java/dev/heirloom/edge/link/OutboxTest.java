package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Window;
import org.junit.jupiter.api.Test;

class OutboxTest {

  private static FromAgent window(long sequence) {
    return FromAgent.newBuilder().setWindow(Window.newBuilder().setSequence(sequence)).build();
  }

  private static FromAgent outcome(long decision) {
    return FromAgent.newBuilder().setOutcome(Outcome.newBuilder().setDecision(decision)).build();
  }

  @Test
  void keepsWhatWasNotSentInOrder() {
    Outbox outbox = new Outbox();
    FromAgent first = window(1);
    outbox.add(first);
    outbox.add(outcome(4));
    outbox.add(window(2));
    assertThat(outbox.first()).containsSame(first);
    outbox.sent(first);
    assertThat(outbox.first().orElseThrow().getOutcome().getDecision()).isEqualTo(4);
    outbox.sent(first);
    assertThat(outbox.size()).isEqualTo(2);
  }

  @Test
  void theOldestWindowsGiveWayButNoOutcome() {
    Outbox outbox = new Outbox();
    outbox.add(outcome(1));
    for (int i = 1; i <= Outbox.MOST_WINDOWS + 40; i++) {
      outbox.add(window(i));
    }
    assertThat(outbox.size()).isEqualTo(Outbox.MOST_WINDOWS + 1);
    FromAgent oldest = outbox.first().orElseThrow();
    assertThat(oldest.hasOutcome()).isTrue();
    outbox.sent(oldest);
    assertThat(outbox.first().orElseThrow().getWindow().getSequence()).isEqualTo(41);
  }
}
