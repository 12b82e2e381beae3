package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A teacher as inheritance works on it: the model as it came, the same with its normalisation
 * folded, and the layers that may be factored.
 *
 * @param original as read
 * @param folded equal in what it computes; layers refer to its nodes
 * @param layers in graph order
 * @param leftDense why each other Conv, Gemm or MatMul stays as it is, by name
 */
public record Teacher(
    OnnxModel original, OnnxModel folded, List<DenseLayer> layers, Map<String, String> leftDense) {

  public Teacher {
    layers = List.copyOf(layers);
    leftDense = Map.copyOf(leftDense);
  }

  /** Reads a teacher from an ONNX file. */
  public static Teacher read(Path file) throws IOException, MalformedException {
    return of(OnnxModel.read(file));
  }

  /**
   * A teacher from a model that was read.
   *
   * @throws MalformedException if no family can be made of a model of this kind
   */
  public static Teacher of(OnnxModel original) throws MalformedException {
    TeacherCheck.check(original);
    WeightSharing sharing = WeightSharing.of(original);
    OnnxModel folded = NormalizationFolding.apply(original, sharing);
    LayerFinder.Found found = LayerFinder.in(folded, sharing);
    return new Teacher(original, folded, found.layers(), found.leftDense());
  }

  public List<TensorSpec> inputs() {
    return original.inputs();
  }

  /** Whether an input holds integers: tokens, in the place of measured values. */
  public boolean takesTokens() {
    return inputs().stream().anyMatch(input -> input.type() != ElementType.ELEMENT_TYPE_FLOAT32);
  }
}
