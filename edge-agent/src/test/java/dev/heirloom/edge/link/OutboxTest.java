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
  void theOldestOutcomesGiveWay() {
    Outbox outbox = new Outbox();
    for (int i = 1; i <= Outbox.MOST_OUTCOMES + 2; i++) {
      outbox.add(outcome(i));
    }
    assertThat(outbox.size()).isEqualTo(Outbox.MOST_OUTCOMES);
    assertThat(outbox.first().orElseThrow().getOutcome().getDecision()).isEqualTo(3);
  }

  @Test
  void windowsDoNotWaitForTheNextConnectionButOutcomesDo() {
    Outbox outbox = new Outbox();
    outbox.add(window(1));
    outbox.add(outcome(4));
    outbox.add(window(2));
    outbox.dropWindows();
    assertThat(outbox.size()).isEqualTo(1);
    assertThat(outbox.first().orElseThrow().hasOutcome()).isTrue();
  }
}
