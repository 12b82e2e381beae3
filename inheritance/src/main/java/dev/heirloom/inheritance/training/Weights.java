package dev.heirloom.inheritance.training;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** Owns every tensor that outlives a step, and knows which of them are trained. */
final class Weights implements AutoCloseable {
  private final Device device;
  private final List<Tensor> owned = new ArrayList<>();
  private final List<Tensor> matrices = new ArrayList<>();
  private final List<Tensor> vectors = new ArrayList<>();

  Weights(Device device) {
    this.device = device;
  }

  /** A trained weight that decays: a matrix or a kernel. */
  Tensor matrix(float[] values, long... dims) {
    Tensor weight = constant(values, dims);
    weight.set_requires_grad(true);
    matrices.add(weight);
    return weight;
  }

  /** A trained weight that does not decay: a bias, a scale, a gate. */
  Tensor vector(float[] values, long... dims) {
    Tensor weight = constant(values, dims);
    weight.set_requires_grad(true);
    vectors.add(weight);
    return weight;
  }

  /** A tensor of float32 that is not trained. */
  Tensor constant(float[] values, long... dims) {
    Tensor tensor = Tensors.on(device, Tensors.floats(values, dims));
    return keep(tensor.dim() == 4 ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor);
  }

  /** Any tensor, until this is closed. */
  Tensor keep(Tensor tensor) {
    tensor.retainReference();
    owned.add(tensor);
    return tensor;
  }

  List<Tensor> matrices() {
    return matrices;
  }

  List<Tensor> vectors() {
    return vectors;
  }

  /** All trained ones: the matrices, then the vectors, each in the order of their making. */
  List<Tensor> trained() {
    List<Tensor> all = new ArrayList<>(matrices);
    all.addAll(vectors);
    return all;
  }

  @Override
  public void close() {
    owned.forEach(Tensor::releaseReference);
    owned.clear();
    matrices.clear();
    vectors.clear();
  }
}
