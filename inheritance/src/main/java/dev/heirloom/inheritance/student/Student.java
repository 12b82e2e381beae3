package dev.heirloom.inheritance.student;

import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;

/**
 * A smaller network that has learned nothing yet.
 *
 * <p>While it is trained it has a batch normalisation after each convolution; {@link #trained}
 * folds these, so that it has as many parameters as were asked for.
 *
 * @param untrained what to train
 */
public record Student(OnnxModel untrained) {

  /**
   * A narrower network of a teacher's kind.
   *
   * @param sample one sample, as the teacher takes it
   * @param parameters elements of all its weights when it is trained, met within 10 %
   * @param seed of its weights
   * @throws RefusedException where the teacher's graph cannot be made narrower
   */
  public static Student ofKind(
      Teacher teacher, Map<String, TensorValue> sample, long parameters, long seed)
      throws MalformedException, SessionException, RefusedException {
    // As it will be delivered: with the biases that folded normalisations leave.
    OnnxModel delivered = Teacher.of(InsertedNormalization.in(teacher.folded())).folded();
    return fresh(new Slimming(delivered, sample).to(parameters), seed);
  }

  /**
   * Someone's own network, whose weights are forgotten.
   *
   * @param seed of its weights
   */
  public static Student of(OnnxModel network, long seed) throws MalformedException {
    return fresh(Teacher.of(network).folded(), seed);
  }

  private static Student fresh(OnnxModel network, long seed) throws MalformedException {
    return new Student(FreshWeights.in(InsertedNormalization.in(network), seed));
  }

  /** The same network with weights that were trained before, to go on from them. */
  public Student with(Map<String, float[]> weights) throws MalformedException {
    return new Student(OnnxModel.of(weighted(weights), "student"));
  }

  /**
   * The network as it is delivered: trained, its normalisation folded.
   *
   * @param weights by initializer; what is not named keeps its value
   */
  public OnnxModel trained(Map<String, float[]> weights) throws MalformedException {
    return Teacher.of(OnnxModel.of(weighted(weights), "student")).folded();
  }

  private ModelProto weighted(Map<String, float[]> weights) {
    ModelProto proto = untrained.proto();
    GraphProto.Builder graph = proto.getGraph().toBuilder().clearInitializer();
    for (TensorProto tensor : proto.getGraph().getInitializerList()) {
      float[] values = weights.get(tensor.getName());
      long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
      graph.addInitializer(
          values == null ? tensor : OnnxTensors.ofFloats(tensor.getName(), dims, values));
    }
    return proto.toBuilder().setGraph(graph).build();
  }
}
