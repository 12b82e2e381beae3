package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.rollout.Gates;
import dev.heirloom.proto.v1.RolloutGates;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutMessagesTest {

  @Test
  void asksForWhatIsUsualWhereNothingIsSaid() {
    assertThat(RolloutMessages.gates(RolloutGates.getDefaultInstance())).isEqualTo(Gates.DEFAULT);
  }

  @Test
  void refusesAGateThatNothingMeasuredCanPass() {
    Map<String, RolloutGates> asked =
        Map.of(
            "gates.most_accuracy_loss: 0.0",
            RolloutGates.newBuilder().setMostAccuracyLoss(0).build(),
            "gates.most_p95_ratio: 1.0",
            RolloutGates.newBuilder().setMostP95Ratio(1).build(),
            "gates.most_drift: 0.0",
            RolloutGates.newBuilder().setMostDrift(0).build());
    asked.forEach(
        (said, gates) ->
            assertThatThrownBy(() -> RolloutMessages.gates(gates))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    said + " (expected: more; it could never pass, and off leaves it out)"));
  }
}
