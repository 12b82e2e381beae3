package dev.heirloom.inheritance.training;

import dev.heirloom.proto.v1.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What training makes small: {@code hard · miss(labels) + soft · (miss(teacher) + the other
 * outputs' + the features') + balance · the heads' imbalance}.
 *
 * <p>For classes {@code miss} is the cross-entropy with labels and T² times the Kullback-Leibler
 * divergence from the teacher. For numbers it is the squared error as a share of the spread of what
 * should be met, for embeddings one less the cosine, toward the teacher both.
 */
final class Objective {
  private static final long SUM = 2;

  /** The spread is taken as no less than this share of the values' mean square. */
  private static final double LEAST_SPREAD = 1e-4;

  private static final double SMALLEST = 1e-12;

  private final TrainingPlan plan;
  private final Lesson lesson;

  Objective(TrainingPlan plan, Lesson lesson) {
    this.plan = plan;
    this.lesson = lesson;
  }

  /** A teacher's answer as the loss takes it: of classes the softened log-probabilities. */
  Tensor reference(Tensor answer) {
    return lesson.purpose().namesClasses() ? softened(answer) : answer;
  }

  private Tensor softened(Tensor logits) {
    return torch.log_softmax(Tensors.times(logits, 1 / plan.temperature()), 1);
  }

  /**
   * The loss of one rung on one batch.
   *
   * @param right labels [rows], int64, or targets in the layout of the answer; absent where unknown
   * @param teacher its answer as {@link #reference} makes it; absent where labels alone are learnt
   * @param gates [samples, heads] each
   */
  Tensor loss(
      Response heir, Optional<Tensor> right, Optional<Response> teacher, List<Tensor> gates) {
    List<Tensor> parts = new ArrayList<>();
    if (right.isPresent()) {
      double weight = teacher.isPresent() ? plan.hardWeight() : 1;
      parts.add(Tensors.times(hard(heir.answer(), right.get()), weight));
    }
    if (teacher.isPresent()) {
      parts.add(Tensors.times(soft(heir, teacher.get()), plan.softWeight()));
    }
    for (Tensor gate : gates) {
      parts.add(Tensors.times(imbalance(gate), plan.balanceWeight() / gates.size()));
    }
    return parts.stream().reduce(torch::add).orElseThrow();
  }

  private Tensor hard(Tensor answer, Tensor right) {
    if (lesson.purpose().namesClasses()) {
      return torch.cross_entropy_loss(answer, right);
    }
    return isEmbedding() ? turned(right, answer) : missed(right, answer);
  }

  private Tensor soft(Response heir, Response teacher) {
    Tensor sum = toTeacher(heir.answer(), teacher.answer());
    for (int i = 0; i < heir.others().size(); i++) {
      Tensor other = missed(teacher.others().get(i), heir.others().get(i));
      sum = torch.add(sum, Tensors.times(other, 1.0 / heir.others().size()));
    }
    if (heir.features().isPresent() && teacher.features().isPresent()) {
      Tensor expected = teacher.features().get();
      Tensor actual = heir.features().get();
      sum =
          torch.add(
              sum,
              lesson.distillation() == Distillation.EMBEDDINGS
                  ? turned(expected, actual)
                  : missed(expected, actual));
    }
    return sum;
  }

  private Tensor toTeacher(Tensor answer, Tensor reference) {
    if (lesson.purpose().namesClasses()) {
      Tensor divergence = torch.kl_div(softened(answer), reference, SUM, true);
      double square = plan.temperature() * plan.temperature();
      return Tensors.times(divergence, square / answer.size(0));
    }
    Tensor missed = missed(reference, answer);
    return isEmbedding() ? torch.add(missed, turned(reference, answer)) : missed;
  }

  private boolean isEmbedding() {
    return lesson.purpose().task() == Task.TASK_EMBEDDING;
  }

  /** Squared error over the spread of what is expected about its mean over the rows. */
  static Tensor missed(Tensor expected, Tensor actual) {
    Tensor about = torch.sub(expected, expected.mean(0));
    Tensor spread = torch.maximum(square(about), Tensors.times(square(expected), LEAST_SPREAD));
    return torch.div(square(torch.sub(expected, actual)), torch.add(spread, new Scalar(SMALLEST)));
  }

  /** One less the mean cosine between rows. */
  static Tensor turned(Tensor expected, Tensor actual) {
    Tensor cosine = torch.cosine_similarity(expected, actual, 1, 1e-8).mean();
    return torch.add(torch.neg(cosine), new Scalar(1.0));
  }

  private static Tensor square(Tensor values) {
    return torch.mul(values, values).mean();
  }

  /** Zero where heads are used alike over the batch, {@code heads - 1} where one is used alone. */
  private static Tensor imbalance(Tensor gate) {
    Tensor use = gate.mean(0);
    Tensor concentration = torch.sum(torch.mul(use, use));
    return torch.sub(Tensors.times(concentration, (double) gate.size(1)), new Scalar(1.0));
  }
}
