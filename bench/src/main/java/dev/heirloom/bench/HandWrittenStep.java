package dev.heirloom.bench;

import dev.heirloom.inheritance.training.TrainingPlan;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One step of distillation after another, written by hand with libtorch modules: the settings of a
 * {@link TrainingPlan}, convolutions in bfloat16 by autocast where the trainer would choose it.
 */
final class HandWrittenStep implements AutoCloseable {
  private static final double MOMENTUM = 0.9;
  private static final double LARGEST_GRADIENT = 5;
  private static final long SUM = 2;

  private final HandWrittenResNet network;
  private final TensorVector parameters;
  private final SGD optimizer;
  private final TrainingPlan plan;
  private final boolean bfloat16;

  HandWrittenStep(TrainingPlan plan, int classes, boolean bfloat16) {
    this.plan = plan;
    this.bfloat16 = bfloat16;
    List<Integer> ranks = plan.ranksByRung().get(plan.rungs() - 1);
    network = new HandWrittenResNet(ranks, classes);
    parameters = network.parameters();
    SGDOptions options = new SGDOptions(plan.learningRate());
    options.momentum().put(MOMENTUM);
    options.nesterov().put(true);
    options.weight_decay().put(plan.weightDecay());
    optimizer = new SGD(network.parameters(), options);
    network.train(true);
    torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
    // There is no call to empty it here, and every weight is used once in a step.
    torch.set_autocast_cache_enabled(false);
  }

  /** Elements of all weights. */
  long parameters() {
    long sum = 0;
    for (long i = 0; i < parameters.size(); i++) {
      sum += parameters.get(i).numel();
    }
    return sum;
  }

  /**
   * Takes one step.
   *
   * @param images float32, [batch, 1, 28, 28], row-major
   * @param labels [batch]
   * @param logits the teacher's, float32, [batch, classes]
   * @return the loss before the step
   */
  double step(float[] images, long[] labels, float[] logits) {
    try (PointerScope scope = new PointerScope()) {
      int batch = labels.length;
      Tensor x = floats(images, batch, 1, 28, 28);
      Tensor expected = torch.empty(new long[] {batch}, type(ScalarType.Long), none());
      try (LongPointer data = expected.data_ptr_long()) {
        data.put(labels);
      }
      Tensor teacher = softened(floats(logits, batch, logits.length / batch));
      torch.set_autocast_enabled(DeviceType.CPU, bfloat16);
      Tensor scores;
      try {
        scores = network.forward(x);
      } finally {
        torch.set_autocast_enabled(DeviceType.CPU, false);
      }
      scores = scores.to(ScalarType.Float);
      double square = plan.temperature() * plan.temperature();
      Tensor hard =
          torch.mul(torch.cross_entropy_loss(scores, expected), scalar(plan.hardWeight()));
      Tensor soft = torch.kl_div(softened(scores), teacher, SUM, true);
      Tensor loss = torch.add(hard, torch.mul(soft, scalar(plan.softWeight() * square / batch)));
      loss.backward();
      double value = loss.item_double();
      torch.clip_grad_norm_(parameters, LARGEST_GRADIENT);
      optimizer.step();
      optimizer.zero_grad();
      return value;
    }
  }

  private Tensor softened(Tensor logits) {
    return torch.log_softmax(torch.mul(logits, scalar(1 / plan.temperature())), 1);
  }

  private static Scalar scalar(double value) {
    return new Scalar(value);
  }

  private static TensorOptions type(ScalarType type) {
    return new TensorOptions(type);
  }

  private static MemoryFormatOptional none() {
    return new MemoryFormatOptional();
  }

  private static Tensor floats(float[] values, long... dims) {
    Tensor tensor = torch.empty(dims, type(ScalarType.Float), none());
    try (FloatPointer data = tensor.data_ptr_float()) {
      data.put(values);
    }
    return tensor;
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
    network.close();
  }
}
