package dev.heirloom.inheritance.training;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What training makes small: {@code hard · CE(labels) + soft · T² · KL(teacher ‖ heir) + balance ·
 * the heads' imbalance}.
 */
final class Objective {
  private static final long SUM = 2;

  private final TrainingPlan plan;

  Objective(TrainingPlan plan) {
    this.plan = plan;
  }

  /** The teacher's distributions, softened, as logarithms: [rows, classes]. */
  Tensor softened(Tensor logits) {
    return torch.log_softmax(Tensors.times(logits, 1 / plan.temperature()), 1);
  }

  /**
   * The loss of one rung on one batch, averaged over rows.
   *
   * @param logits [rows, classes], any floating-point format
   * @param labels [rows], int64
   * @param teacher what {@link #softened} made of the teacher's logits
   * @param gates [samples, heads] each
   */
  Tensor loss(Tensor logits, Tensor labels, Optional<Tensor> teacher, List<Tensor> gates) {
    Tensor scores = Tensors.asFloat(logits);
    double hard = teacher.isPresent() ? plan.hardWeight() : 1;
    Tensor loss = Tensors.times(torch.cross_entropy_loss(scores, labels), hard);
    if (teacher.isPresent()) {
      Tensor divergence = torch.kl_div(softened(scores), teacher.get(), SUM, true);
      double square = plan.temperature() * plan.temperature();
      double weight = plan.softWeight() * square / scores.size(0);
      loss = torch.add(loss, Tensors.times(divergence, weight));
    }
    for (Tensor gate : gates) {
      loss = torch.add(loss, Tensors.times(imbalance(gate), plan.balanceWeight() / gates.size()));
    }
    return loss;
  }

  /** Zero where heads are used alike over the batch, {@code heads - 1} where one is used alone. */
  private static Tensor imbalance(Tensor gate) {
    Tensor use = gate.mean(0);
    Tensor concentration = torch.sum(torch.mul(use, use));
    return torch.sub(Tensors.times(concentration, (double) gate.size(1)), new Scalar(1.0));
  }
}
