package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.InstallPlan.Attempt;
import dev.heirloom.edge.slot.Assignment;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.family.BlobStore;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InstallPlanTest {
  private static final Blob MANIFEST = BlobStore.blob(new byte[] {1});

  private final InstallPlan plan = new InstallPlan();

  private static Assignment assignment(long decision, int rung) {
    return new Assignment(
        decision,
        "small",
        MANIFEST,
        rung,
        "",
        new Assignment.Permit(SignedRelease.getDefaultInstance(), List.of()));
  }

  private Attempt begin() {
    return plan.begin().orElseThrow();
  }

  @Test
  void oneAttemptRunsAtATimeAndTheLastAssignmentCounts() {
    assertThat(plan.begin()).isEmpty();
    assertThat(plan.assign(assignment(1, 1))).isTrue();
    Attempt first = begin();
    assertThat(plan.assign(assignment(1, 1))).isFalse();
    assertThat(plan.assign(assignment(2, 2))).isTrue();
    assertThat(plan.assign(assignment(3, 3))).isTrue();
    assertThat(plan.begin()).isEmpty();
    plan.failed(first);
    assertThat(begin().assignment().decision()).isEqualTo(3);
  }

  @Test
  void interruptedAttemptKeepsItsTallyAndIsMadeAgainAfterTheWait() {
    plan.assign(assignment(1, 1));
    Attempt first = begin();
    assertThat(first.first()).isTrue();
    assertThat(plan.interrupted(first)).isTrue();
    assertThat(plan.begin()).isEmpty();
    plan.waited();
    Attempt second = begin();
    assertThat(second.first()).isFalse();
    assertThat(second.tally()).isSameAs(first.tally());
  }

  @Test
  void newAssignmentDoesNotWait() {
    plan.assign(assignment(1, 1));
    assertThat(plan.interrupted(begin())).isTrue();
    plan.assign(assignment(2, 2));
    assertThat(begin().assignment().decision()).isEqualTo(2);
  }

  @Test
  void givesUpAfterSeveralTriesThatBroughtNothing() {
    plan.assign(assignment(1, 1));
    for (int i = 1; i < InstallPlan.MOST_FRUITLESS_TRIES; i++) {
      assertThat(plan.interrupted(begin())).isTrue();
      plan.waited();
    }
    assertThat(plan.interrupted(begin())).isFalse();
    assertThat(plan.begin()).isEmpty();
  }

  @Test
  void assignmentThatIsServedIsAnsweredWithItsOwnOutcome() {
    Assignment one = assignment(1, 1);
    plan.assign(one);
    Attempt attempt = begin();
    assertThat(plan.alreadyServed(Optional.of(one.heir()))).isEmpty();
    Outcome outcome = Outcome.newBuilder().setDecision(1).setWireBytes(7).build();
    plan.installed(attempt, outcome);
    assertThat(plan.alreadyServed(Optional.of(one.heir()))).isEmpty();
    plan.assign(one);
    assertThat(plan.alreadyServed(Optional.of(one.heir()))).contains(outcome);
    plan.assign(assignment(2, 1));
    assertThat(plan.alreadyServed(Optional.of(one.heir())).orElseThrow().getWireBytes()).isZero();
    plan.assign(assignment(3, 2));
    assertThat(plan.alreadyServed(Optional.of(one.heir()))).isEmpty();
  }
}
