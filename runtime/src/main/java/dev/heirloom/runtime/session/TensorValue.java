package dev.heirloom.runtime.session;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * A tensor that goes into a session or came out of one. A view: the array or buffer that it is made
 * from is not copied, and its owner must leave it alone from then on.
 */
public final class TensorValue {

  private final ElementType type;
  private final long[] dims;
  private final Buffer values;

  private TensorValue(ElementType type, Buffer values, long[] dims) {
    this.type = type;
    this.dims = dims.clone();
    this.values = values;
    long elements = OnnxTensors.elements("value", dims);
    if (values.remaining() != elements) {
      throw new IllegalArgumentException(
          "values: %d (expected: %d for dims %s)"
              .formatted(values.remaining(), elements, Arrays.toString(dims)));
    }
  }

  /** A float32 tensor; {@code values} row-major. */
  public static TensorValue floats(float[] values, long... dims) {
    return floats(FloatBuffer.wrap(values), dims);
  }

  /** A float32 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue floats(FloatBuffer values, long... dims) {
    return new TensorValue(ElementType.ELEMENT_TYPE_FLOAT32, values.slice(), dims);
  }

  /** An int64 tensor; {@code values} row-major. */
  public static TensorValue longs(long[] values, long... dims) {
    return longs(LongBuffer.wrap(values), dims);
  }

  /** An int64 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue longs(LongBuffer values, long... dims) {
    return new TensorValue(ElementType.ELEMENT_TYPE_INT64, values.slice(), dims);
  }

  /** An int32 tensor; {@code values} row-major. */
  public static TensorValue ints(int[] values, long... dims) {
    return ints(IntBuffer.wrap(values), dims);
  }

  /** An int32 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue ints(IntBuffer values, long... dims) {
    return new TensorValue(ElementType.ELEMENT_TYPE_INT32, values.slice(), dims);
  }

  /** A uint8 tensor; {@code values} row-major. */
  public static TensorValue bytes(byte[] values, long... dims) {
    return bytes(ByteBuffer.wrap(values), dims);
  }

  /** A uint8 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue bytes(ByteBuffer values, long... dims) {
    return new TensorValue(ElementType.ELEMENT_TYPE_UINT8, values.slice(), dims);
  }

  /**
   * A tensor from little-endian, row-major bytes, as messages and files hold them.
   *
   * @throws IllegalArgumentException if there are more or fewer bytes than {@code dims} say
   */
  public static TensorValue little(ElementType type, ByteBuffer raw, long... dims) {
    long expected = OnnxTensors.elements("value", dims) * ElementTypes.bytes(type);
    if (raw.remaining() != expected) {
      throw new IllegalArgumentException(
          "bytes: %d (expected: %d for %s %s)"
              .formatted(
                  raw.remaining(), expected, ElementTypes.title(type), Arrays.toString(dims)));
    }
    ByteBuffer direct = ByteBuffer.allocateDirect(raw.remaining()).order(ByteOrder.nativeOrder());
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      direct.put(raw.duplicate()).flip();
    } else {
      ByteBuffer source = raw.duplicate();
      int width = ElementTypes.bytes(type);
      while (source.hasRemaining()) {
        for (int b = width - 1; b >= 0; b--) {
          direct.put(source.get(source.position() + b));
        }
        source.position(source.position() + width);
      }
      direct.flip();
    }
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> floats(direct.asFloatBuffer(), dims);
      case ELEMENT_TYPE_INT32 -> ints(direct.asIntBuffer(), dims);
      case ELEMENT_TYPE_INT64 -> longs(direct.asLongBuffer(), dims);
      default -> bytes(direct, dims);
    };
  }

  /** A float32 tensor to fill: direct, so that the runtime takes it uncopied. */
  public static FloatBuffer directFloats(int elements) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(elements, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** The element type. */
  public ElementType type() {
    return type;
  }

  /** The axes, the batch axis first. */
  public long[] dims() {
    return dims.clone();
  }

  /** The number of elements. */
  public int elements() {
    return values.remaining();
  }

  /** The elements of a float32 tensor, row-major, as a read-only view. */
  public FloatBuffer floatBuffer() {
    return floatView().asReadOnlyBuffer();
  }

  /** A copy of the elements of a float32 tensor, row-major. */
  public float[] toFloats() {
    float[] copy = new float[elements()];
    floatView().get(0, copy);
    return copy;
  }

  /** A copy of the elements of an integer tensor, row-major, widened; uint8 is 0..255. */
  public long[] toLongs() {
    long[] copy = new long[elements()];
    if (values instanceof LongBuffer longs) {
      longs.get(0, copy);
    } else if (values instanceof IntBuffer ints) {
      for (int i = 0; i < copy.length; i++) {
        copy[i] = ints.get(i);
      }
    } else if (values instanceof ByteBuffer bytes) {
      for (int i = 0; i < copy.length; i++) {
        copy[i] = Byte.toUnsignedLong(bytes.get(i));
      }
    } else {
      throw new IllegalStateException("element type: " + ElementTypes.title(type));
    }
    return copy;
  }

  /** The elements as little-endian, row-major bytes, as messages and files hold them. */
  public byte[] toLittle() {
    byte[] copy = new byte[Math.multiplyExact(elements(), ElementTypes.bytes(type))];
    ByteBuffer target = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    if (values instanceof FloatBuffer floats) {
      target.asFloatBuffer().put(floats.duplicate());
    } else if (values instanceof LongBuffer longs) {
      target.asLongBuffer().put(longs.duplicate());
    } else if (values instanceof IntBuffer ints) {
      target.asIntBuffer().put(ints.duplicate());
    } else if (values instanceof ByteBuffer bytes) {
      target.put(bytes.duplicate());
    }
    return copy;
  }

  /** The elements as they are held: a {@code Float-}, {@code Long-}, {@code Int-} or ByteBuffer. */
  Buffer buffer() {
    return values.duplicate();
  }

  private FloatBuffer floatView() {
    if (values instanceof FloatBuffer floats) {
      return floats;
    }
    throw new IllegalStateException("element type: " + ElementTypes.title(type));
  }
}
