package dev.heirloom.inheritance.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The loss and the gradient of one batch in one number format.
 *
 * @param loss mean over the rungs that were run
 * @param parts the gradient of each weight that has one, float32
 */
record GradientAt(double loss, List<Tensor> parts) {
  /** Losses that differ by less than this share say the same. */
  static final double LOSS_SHARE = 0.05;

  /** Where the loss is so small that its rounding outweighs the share: this is tolerated, too. */
  static final double LOSS_FLOOR = 0.005;

  /** Least cosine between gradients that lead the same way. */
  static final double LEAST_COSINE = 0.9;

  /** What the last backward pass left behind; lives in the scope that is open. */
  static GradientAt taken(double loss, List<Tensor> weights) {
    List<Tensor> parts = new ArrayList<>();
    for (Tensor weight : weights) {
      Tensor gradient = weight.grad();
      if (gradient.defined()) {
        parts.add(gradient.clone());
      }
    }
    return new GradientAt(loss, parts);
  }

  /** What speaks against computing in this format, given the exact one; empty if nothing does. */
  Optional<String> objection(GradientAt exact) {
    double difference = Math.abs(loss - exact.loss);
    if (!(difference <= LOSS_SHARE * Math.abs(exact.loss) + LOSS_FLOOR)) {
      return Optional.of(
          String.format(
              Locale.ROOT, "the loss of a batch is %.4g instead of %.4g", loss, exact.loss));
    }
    double cosine = cosine(exact);
    if (!(cosine >= LEAST_COSINE)) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "the gradient's direction is off (cosine %.2f, expected: %.1f or more)",
              cosine,
              LEAST_COSINE));
    }
    return Optional.empty();
  }

  private double cosine(GradientAt other) {
    GradMode.set_enabled(false);
    try {
      double lengths = Math.sqrt(dot(parts, parts) * dot(other.parts, other.parts));
      return lengths == 0 ? 1 : dot(parts, other.parts) / lengths;
    } finally {
      GradMode.set_enabled(true);
    }
  }

  private static double dot(List<Tensor> a, List<Tensor> b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += torch.sum(torch.mul(a.get(i), b.get(i))).item_double();
    }
    return sum;
  }
}
