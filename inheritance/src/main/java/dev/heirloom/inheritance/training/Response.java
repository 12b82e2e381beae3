package dev.heirloom.inheritance.training;

import dev.heirloom.runtime.measure.Likeness;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network says to a batch.
 *
 * @param answer [rows, classes] for classes, [samples, numbers] for numbers, [vectors, width] for
 *     embeddings
 * @param others the other outputs, [samples, numbers] each
 * @param features before the last layer, [samples, numbers]; absent where they are not compared
 */
record Response(Tensor answer, List<Tensor> others, Optional<Tensor> features) {

  /** An output in the form that the lesson compares. */
  static Tensor answer(Tensor output, Lesson lesson) {
    Tensor values = Tensors.asFloat(output);
    if (lesson.purpose().namesClasses()) {
      return Scores.rows(values);
    }
    return switch (lesson.purpose().task()) {
      case TASK_EMBEDDING -> values.reshape(-1, Likeness.vector(Tensors.dims(output)));
      default -> flat(values);
    };
  }

  /** All values of a sample as one row. */
  static Tensor flat(Tensor output) {
    return Tensors.asFloat(output).reshape(output.size(0), -1);
  }
}
