package dev.heirloom.runtime.session;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor that goes into a session or came out of one. A view: the array or buffer that it is made
 * from is not copied, and its owner must leave it alone from then on.
 */
public final class TensorValue {

  private final ElementType type;
  private final long[] dims;
  private final Buffer values;
  private final List<String> texts;

  private TensorValue(ElementType type, Buffer values, List<String> texts, long[] dims) {
    this.type = type;
    this.dims = dims.clone();
    this.values = values;
    this.texts = texts;
    long elements = OnnxTensors.elements("value", dims);
    if (elements() != elements) {
      throw new IllegalArgumentException(
          "values: %d (expected: %d for dims %s)"
              .formatted(elements(), elements, Arrays.toString(dims)));
    }
  }

  /**
   * A tensor of any type but text.
   *
   * @param values native byte order; of the width of {@code type}
   */
  static TensorValue of(ElementType type, Buffer values, long... dims) {
    return new TensorValue(type, values.slice(), List.of(), dims);
  }

  /** Text as a session gave it. */
  static TensorValue given(List<String> texts, long... dims) {
    return new TensorValue(
        ElementType.ELEMENT_TYPE_STRING, ByteBuffer.allocate(0), List.copyOf(texts), dims);
  }

  /**
   * A tensor of text; {@code texts} row-major.
   *
   * @throws IllegalArgumentException if a text holds a character that the runtime's Java library
   *     does not pass as it is: NUL, or one beyond U+FFFF
   */
  public static TensorValue texts(List<String> texts, long... dims) {
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      for (int at = 0; at < text.length(); at++) {
        char unit = text.charAt(at);
        if (unit == 0 || Character.isSurrogate(unit)) {
          throw new IllegalArgumentException(
              "text %d holds U+%04X (expected: U+0001..U+FFFF, all that the runtime takes)"
                  .formatted(i, text.codePointAt(at)));
        }
      }
    }
    return given(texts, dims);
  }

  /** A float32 tensor; {@code values} row-major. */
  public static TensorValue floats(float[] values, long... dims) {
    return floats(FloatBuffer.wrap(values), dims);
  }

  /** A float32 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue floats(FloatBuffer values, long... dims) {
    return of(ElementType.ELEMENT_TYPE_FLOAT32, values, dims);
  }

  /** An int64 tensor; {@code values} row-major. */
  public static TensorValue longs(long[] values, long... dims) {
    return longs(LongBuffer.wrap(values), dims);
  }

  /** An int64 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue longs(LongBuffer values, long... dims) {
    return of(ElementType.ELEMENT_TYPE_INT64, values, dims);
  }

  /** An int32 tensor; {@code values} row-major. */
  public static TensorValue ints(int[] values, long... dims) {
    return ints(IntBuffer.wrap(values), dims);
  }

  /** An int32 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue ints(IntBuffer values, long... dims) {
    return of(ElementType.ELEMENT_TYPE_INT32, values, dims);
  }

  /** A uint8 tensor; {@code values} row-major. */
  public static TensorValue bytes(byte[] values, long... dims) {
    return bytes(ByteBuffer.wrap(values), dims);
  }

  /** A uint8 tensor; {@code values} row-major. A direct buffer reaches the runtime uncopied. */
  public static TensorValue bytes(ByteBuffer values, long... dims) {
    return of(ElementType.ELEMENT_TYPE_UINT8, values, dims);
  }

  /**
   * A tensor of any type but text, from little-endian, row-major bytes, as messages and files hold
   * them.
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
      case ELEMENT_TYPE_FLOAT32 -> of(type, direct.asFloatBuffer(), dims);
      case ELEMENT_TYPE_FLOAT64 -> of(type, direct.asDoubleBuffer(), dims);
      case ELEMENT_TYPE_INT32, ELEMENT_TYPE_UINT32 -> of(type, direct.asIntBuffer(), dims);
      case ELEMENT_TYPE_INT64, ELEMENT_TYPE_UINT64 -> of(type, direct.asLongBuffer(), dims);
      case ELEMENT_TYPE_INT16, ELEMENT_TYPE_UINT16, ELEMENT_TYPE_FLOAT16 ->
          of(type, direct.asShortBuffer(), dims);
      default -> of(type, direct, dims);
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
    return type == ElementType.ELEMENT_TYPE_STRING ? texts.size() : values.remaining();
  }

  /** The elements of a tensor of text, row-major. */
  public List<String> texts() {
    return texts;
  }

  /** The elements of a float32 tensor, row-major, as a read-only view. */
  public FloatBuffer floatBuffer() {
    return floatView().asReadOnlyBuffer();
  }

  /** A copy of the elements of a float64 tensor, row-major. */
  public double[] toDoubles() {
    if (values instanceof DoubleBuffer doubles) {
      double[] copy = new double[elements()];
      doubles.get(0, copy);
      return copy;
    }
    throw new IllegalStateException("element type: " + ElementTypes.title(type));
  }

  /** A copy of the elements of a float32 tensor, row-major. */
  public float[] toFloats() {
    float[] copy = new float[elements()];
    floatView().get(0, copy);
    return copy;
  }

  /**
   * A copy of the elements of an integer or bool tensor, row-major, widened by their sign: uint8 is
   * 0..255. Of uint64, the bits.
   */
  public long[] toLongs() {
    long[] copy = new long[elements()];
    boolean signed =
        type == ElementType.ELEMENT_TYPE_INT8
            || type == ElementType.ELEMENT_TYPE_INT16
            || type == ElementType.ELEMENT_TYPE_INT32;
    if (values instanceof LongBuffer longs) {
      longs.get(0, copy);
    } else if (values instanceof IntBuffer ints) {
      for (int i = 0; i < copy.length; i++) {
        copy[i] = signed ? ints.get(i) : Integer.toUnsignedLong(ints.get(i));
      }
    } else if (values instanceof ShortBuffer shorts && type != ElementType.ELEMENT_TYPE_FLOAT16) {
      for (int i = 0; i < copy.length; i++) {
        copy[i] = signed ? shorts.get(i) : Short.toUnsignedLong(shorts.get(i));
      }
    } else if (values instanceof ByteBuffer bytes && type != ElementType.ELEMENT_TYPE_STRING) {
      for (int i = 0; i < copy.length; i++) {
        copy[i] = signed ? bytes.get(i) : Byte.toUnsignedLong(bytes.get(i));
      }
    } else {
      throw new IllegalStateException("element type: " + ElementTypes.title(type));
    }
    return copy;
  }

  /** The elements, unless text, as little-endian, row-major bytes, as messages and files do. */
  public byte[] toLittle() {
    byte[] copy = new byte[Math.multiplyExact(elements(), ElementTypes.bytes(type))];
    ByteBuffer target = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    if (values instanceof FloatBuffer floats) {
      target.asFloatBuffer().put(floats.duplicate());
    } else if (values instanceof LongBuffer longs) {
      target.asLongBuffer().put(longs.duplicate());
    } else if (values instanceof IntBuffer ints) {
      target.asIntBuffer().put(ints.duplicate());
    } else if (values instanceof ShortBuffer shorts) {
      target.asShortBuffer().put(shorts.duplicate());
    } else if (values instanceof DoubleBuffer doubles) {
      target.asDoubleBuffer().put(doubles.duplicate());
    } else if (values instanceof ByteBuffer bytes) {
      target.put(bytes.duplicate());
    }
    return copy;
  }

  /** The elements, unless text, as they are held: a buffer of elements of the type's width. */
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
