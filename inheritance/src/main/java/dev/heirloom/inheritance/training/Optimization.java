package dev.heirloom.inheritance.training;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Turns gradients into new weights; matrices decay, vectors do not. */
final class Optimization implements AutoCloseable {
  private static final double MOMENTUM = 0.9;

  private final List<Optimizer> optimizers = new ArrayList<>();
  private final TensorVector all;
  private final double largestGradient;

  /**
   * Takes up no weight's past.
   *
   * @param largestGradient a longer gradient, over all weights together, is shortened to this
   */
  Optimization(
      Descent descent,
      List<Tensor> matrices,
      List<Tensor> vectors,
      double weightDecay,
      double largestGradient) {
    this.largestGradient = largestGradient;
    add(descent, matrices, weightDecay);
    add(descent, vectors, 0);
    List<Tensor> both = new ArrayList<>(matrices);
    both.addAll(vectors);
    all = new TensorVector(both.toArray(Tensor[]::new)).retainReference();
  }

  private void add(Descent descent, List<Tensor> weights, double weightDecay) {
    if (weights.isEmpty()) {
      return;
    }
    TensorVector vector = new TensorVector(weights.toArray(Tensor[]::new));
    Optimizer optimizer =
        switch (descent) {
          case SGD -> {
            SGDOptions options = new SGDOptions(1);
            options.momentum().put(MOMENTUM);
            options.nesterov().put(true);
            options.weight_decay().put(weightDecay);
            yield new SGD(vector, options);
          }
          case ADAMW -> {
            AdamWOptions options = new AdamWOptions(1);
            options.weight_decay().put(weightDecay);
            yield new AdamW(vector, options);
          }
        };
    optimizers.add(optimizer.retainReference());
  }

  /** Changes the weights by their gradients, and forgets these. */
  void step(double learningRate) {
    torch.clip_grad_norm_(all, largestGradient);
    for (Optimizer optimizer : optimizers) {
      optimizer.param_groups().get(0).options().set_lr(learningRate);
      optimizer.step();
      optimizer.zero_grad();
    }
  }

  /** Forgets the gradients, and changes nothing. */
  void forget() {
    optimizers.forEach(Optimizer::zero_grad);
  }

  /** What the optimisers keep from step to step: momentum, or both moments and the step. */
  void write(OutputArchive archive) {
    for (int i = 0; i < optimizers.size(); i++) {
      OutputArchive part = new OutputArchive();
      optimizers.get(i).save(part);
      archive.write("optimizer." + i, part);
    }
  }

  /** Takes up what {@link #write} wrote for the same weights. */
  void read(InputArchive archive) {
    for (int i = 0; i < optimizers.size(); i++) {
      InputArchive part = new InputArchive();
      archive.read("optimizer." + i, part);
      optimizers.get(i).load(part);
    }
  }

  @Override
  public void close() {
    optimizers.forEach(Optimizer::releaseReference);
    optimizers.clear();
    all.releaseReference();
  }
}
