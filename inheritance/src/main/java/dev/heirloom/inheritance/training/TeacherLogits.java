package dev.heirloom.inheritance.training;

import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;

/** What the teacher answers to a batch. */
@FunctionalInterface
public interface TeacherLogits {
  /**
   * The teacher's outputs by name.
   *
   * @param inputs the batch as the teacher takes it, by input name
   * @throws Exception whatever the teacher's runtime throws; training ends with it
   */
  Map<String, TensorValue> outputs(Map<String, TensorValue> inputs) throws Exception;
}
