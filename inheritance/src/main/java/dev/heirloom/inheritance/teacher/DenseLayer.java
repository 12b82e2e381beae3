package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.v1.LayerKind;
import java.util.List;

/**
 * One Conv, Gemm or MatMul of a teacher, whose constant weight may be replaced by factors.
 *
 * <p>The weight is that of {@code y = W x + b}: row-major, outputs × inputs, where for a
 * convolution x is the patch under the kernel (channels × kernel height × kernel width).
 */
public final class DenseLayer {

  private final String name;
  private final NodeProto node;
  private final LayerKind kind;
  private final int outputs;
  private final List<Integer> kernel;
  private final Window window;
  private final float[] weight;
  private final float[] bias;

  DenseLayer(
      String name,
      NodeProto node,
      LayerKind kind,
      int outputs,
      List<Integer> kernel,
      Window window,
      float[] weight,
      float[] bias) {
    this.name = name;
    this.node = node;
    this.kind = kind;
    this.outputs = outputs;
    this.kernel = List.copyOf(kernel);
    this.window = window;
    this.weight = weight;
    this.bias = bias;
  }

  /**
   * How a kernel moves over its input.
   *
   * @param strides per spatial axis
   * @param pads begins of all spatial axes, then ends
   * @param dilations per spatial axis
   */
  public record Window(List<Integer> strides, List<Integer> pads, List<Integer> dilations) {
    static final Window NONE = new Window(List.of(), List.of(), List.of());

    public Window {
      strides = List.copyOf(strides);
      pads = List.copyOf(pads);
      dilations = List.copyOf(dilations);
    }
  }

  /** Unique in its teacher. */
  public String name() {
    return name;
  }

  /** The node of the (normalisation-folded) teacher. */
  public NodeProto node() {
    return node;
  }

  public LayerKind kind() {
    return kind;
  }

  public boolean isConvolution() {
    return kind == LayerKind.LAYER_KIND_CONV;
  }

  public int outputs() {
    return outputs;
  }

  public int inputs() {
    return weight.length / outputs;
  }

  /** Input channels of a convolution; the inputs of a linear layer. */
  public int channels() {
    return inputs() / kernel.stream().reduce(1, Math::multiplyExact);
  }

  /** Per spatial axis; empty for a linear layer. */
  public List<Integer> kernel() {
    return kernel;
  }

  public Window window() {
    return window;
  }

  /** A copy: float32, row-major, outputs × inputs. */
  public float[] weight() {
    return weight.clone();
  }

  /** A copy: float32, [outputs]; zeros where the layer has none. */
  public float[] bias() {
    return bias.clone();
  }

  public String inputTensor() {
    return node.getInput(0);
  }

  public String outputTensor() {
    return node.getOutput(0);
  }

  /** The largest rank at which the factors are smaller than the weight: r(m + n) < mn. */
  public int breakEvenRank() {
    long product = (long) outputs * inputs();
    long sum = (long) outputs + inputs();
    return Math.toIntExact((product - 1) / sum);
  }
}
