package dev.heirloom.inheritance.training;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Arrays in and out of libtorch. */
final class Tensors {
  private Tensors() {}

  /** A float32 tensor on the processor, row-major. */
  static Tensor floats(float[] values, long... dims) {
    Tensor tensor = empty(ScalarType.Float, dims);
    if (values.length > 0) {
      try (FloatPointer data = tensor.data_ptr_float()) {
        data.put(values);
      }
    }
    return tensor;
  }

  /** An int64 tensor on the processor, row-major. */
  static Tensor longs(long[] values, long... dims) {
    Tensor tensor = empty(ScalarType.Long, dims);
    if (values.length > 0) {
      try (LongPointer data = tensor.data_ptr_long()) {
        data.put(values);
      }
    }
    return tensor;
  }

  private static Tensor empty(ScalarType type, long... dims) {
    return torch.empty(dims, new TensorOptions(type), new MemoryFormatOptional());
  }

  /** The values in row-major order as float32. */
  static float[] toFloats(Tensor tensor) {
    Tensor here = onProcessor(tensor, ScalarType.Float);
    float[] values = new float[Math.toIntExact(here.numel())];
    if (values.length > 0) {
      here.data_ptr_float().get(values);
    }
    return values;
  }

  /** The values in row-major order as int64. */
  static long[] toLongs(Tensor tensor) {
    Tensor here = onProcessor(tensor, ScalarType.Long);
    long[] values = new long[Math.toIntExact(here.numel())];
    if (values.length > 0) {
      here.data_ptr_long().get(values);
    }
    return values;
  }

  private static Tensor onProcessor(Tensor tensor, ScalarType type) {
    Tensor here = tensor.detach();
    if (here.is_cuda()) {
      here = here.cpu();
    }
    return here.to(type).contiguous();
  }

  static long[] dims(Tensor tensor) {
    long[] dims = new long[(int) tensor.dim()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = tensor.size(i);
    }
    return dims;
  }

  /** The tensor on the device of another, of its own type. */
  static Tensor beside(Tensor tensor, Tensor other) {
    return tensor.is_cuda() == other.is_cuda()
        ? tensor
        : tensor.to(other.device(), tensor.scalar_type());
  }

  static Tensor on(Device device, Tensor tensor) {
    return device.is_cuda() ? tensor.to(device, tensor.scalar_type()) : tensor;
  }

  static Tensor asFloat(Tensor tensor) {
    return Precision.FLOAT32.of(tensor);
  }

  static Tensor times(Tensor tensor, double factor) {
    return factor == 1 ? tensor : torch.mul(tensor, new Scalar(factor));
  }
}
