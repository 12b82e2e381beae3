package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.measure.Scores;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the outputs of one inference say, where they name classes.
 *
 * @param classes the class named by each answer
 * @param confidence sum over the answers of the largest softmax share
 * @param entropy sum over the answers of the softmax's entropy in nats
 */
record Answers(List<Integer> classes, double confidence, double entropy) {
  Answers {
    classes = List.copyOf(classes);
  }

  /** Empty where the family's answers name no classes, or that output was not asked for. */
  static Optional<Answers> of(Heir heir, Map<String, TensorValue> outputs) {
    Purpose purpose = heir.purpose();
    if (!purpose.namesClasses()) {
      return Optional.empty();
    }
    TensorValue scores =
        outputs.get(purpose.output().isEmpty() ? heir.outputs().get(0).name() : purpose.output());
    if (scores == null || scores.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      return Optional.empty();
    }
    int classes = Math.toIntExact(scores.dims()[scores.dims().length - 1]);
    int rows = scores.elements() / classes;
    List<Integer> named = new ArrayList<>(rows);
    double confidence = 0;
    double entropy = 0;
    FloatBuffer values = scores.floatBuffer();
    for (int row = 0; row < rows; row++) {
      Scores said = Scores.of(values, row * classes, classes);
      named.add(said.best());
      confidence += said.confidence();
      entropy += said.entropy();
    }
    return Optional.of(new Answers(named, confidence, entropy));
  }

  /** How many of some labels were met. */
  static int met(List<Integer> classes, List<Long> labels) {
    int right = 0;
    for (int i = 0; i < classes.size(); i++) {
      right += labels.get(i) == (long) classes.get(i) ? 1 : 0;
    }
    return right;
  }
}
