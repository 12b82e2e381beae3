package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Changes to sound messages, field by field through their descriptors, or byte by byte. */
final class Mutations {
  private static final List<String> STRINGS =
      List.of(
          "",
          " ",
          "x".repeat(129),
          "x".repeat(20_000),
          "a/b/c",
          "../../../etc/passwd",
          "name\u0000hidden",
          "line\nbreak\r\nX-Header: 1",
          "'; DROP TABLE \"event_journal\"; --",
          "${jndi:ldap://127.0.0.1/a}",
          "\u202egnp.exe",
          "\ud83d\ude80".repeat(300),
          "%s%n%x",
          "<script>alert(1)</script>");
  private static final long[] LONGS = {
    0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, (1L << 31) - 1, -(1L << 31), 1L << 53
  };
  private static final double[] DOUBLES = {
    0,
    -0.0,
    -1,
    2,
    1e300,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE
  };
  private static final int MOST_REPEATED = 400;

  private Mutations() {}

  /** A message with some of its fields changed, also those of messages within it. */
  static Message fields(Message message, Random random) {
    Message.Builder changed = message.toBuilder();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      change(changed, random);
    }
    return changed.buildPartial();
  }

  private static void change(Message.Builder message, Random random) {
    List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
    if (fields.isEmpty()) {
      return;
    }
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    if (random.nextInt(6) == 0) {
      message.clearField(field);
      return;
    }
    if (field.isRepeated()) {
      repeat(message, field, random);
      return;
    }
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      Message.Builder inner = ((Message) message.getField(field)).toBuilder();
      change(inner, random);
      message.setField(field, inner.buildPartial());
      return;
    }
    message.setField(field, value(field, random));
  }

  private static void repeat(Message.Builder message, FieldDescriptor field, Random random) {
    int times = random.nextInt(4) == 0 ? MOST_REPEATED : 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        Message.Builder inner = message.newBuilderForField(field);
        change(inner, random);
        message.addRepeatedField(field, inner.buildPartial());
      } else {
        message.addRepeatedField(field, value(field, random));
      }
    }
  }

  private static Object value(FieldDescriptor field, Random random) {
    long number = random.nextInt(3) == 0 ? random.nextLong() : LONGS[random.nextInt(LONGS.length)];
    double real = DOUBLES[random.nextInt(DOUBLES.length)];
    return switch (field.getJavaType()) {
      case INT -> (int) number;
      case LONG -> number;
      case FLOAT -> (float) real;
      case DOUBLE -> real;
      case BOOLEAN -> random.nextBoolean();
      case STRING -> STRINGS.get(random.nextInt(STRINGS.size()));
      case BYTE_STRING -> bytes(random);
      case ENUM -> enumValue(field, random);
      case MESSAGE -> throw new IllegalStateException("messages are changed within");
    };
  }

  private static EnumValueDescriptor enumValue(FieldDescriptor field, Random random) {
    List<EnumValueDescriptor> values = field.getEnumType().getValues();
    return random.nextBoolean()
        ? values.get(random.nextInt(values.size()))
        : field.getEnumType().findValueByNumberCreatingIfUnknown(random.nextInt());
  }

  private static ByteString bytes(Random random) {
    int[] sizes = {0, 1, 31, 32, 33, 4096};
    byte[] bytes = new byte[sizes[random.nextInt(sizes.length)]];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** Bytes that were a message: cut, flipped, overwritten, or never were one. */
  static ByteString garbage(Message message, Random random) {
    byte[] bytes = message.toByteArray();
    switch (random.nextInt(4)) {
      case 0 -> {
        byte[] noise = new byte[1 + random.nextInt(600)];
        random.nextBytes(noise);
        return ByteString.copyFrom(noise);
      }
      case 1 -> {
        return ByteString.copyFrom(bytes, 0, bytes.length == 0 ? 0 : random.nextInt(bytes.length));
      }
      case 2 -> {
        for (int i = 0; i < 1 + bytes.length / 20 && bytes.length > 0; i++) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return ByteString.copyFrom(bytes);
      }
      default -> {
        // A length beyond the end, of the first field.
        return ByteString.copyFrom(new byte[] {0x0a, (byte) 0xff, (byte) 0xff, 0x7f, 'x'});
      }
    }
  }

  /** The message and fields that nobody knows. */
  static ByteString unknownFields(Message message, Random random) {
    UnknownFieldSet.Builder unknown = UnknownFieldSet.newBuilder();
    for (int i = 0; i < 1 + random.nextInt(50); i++) {
      unknown.mergeField(
          1000 + random.nextInt(100_000),
          UnknownFieldSet.Field.newBuilder()
              .addVarint(random.nextLong())
              .addLengthDelimited(ByteString.copyFromUtf8("x".repeat(random.nextInt(300))))
              .build());
    }
    return message.toBuilder().mergeUnknownFields(unknown.build()).buildPartial().toByteString();
  }

  /** Groups within groups, more than a reader should follow. */
  static ByteString nested(Message message, Random random) {
    int depth = 90 + random.nextInt(5000);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      message.writeTo(out);
      CodedOutputStream coded = CodedOutputStream.newInstance(out);
      for (int wireType : Stream.of(3, 4).toList()) {
        for (int i = 0; i < depth; i++) {
          coded.writeTag(1000, wireType);
        }
      }
      coded.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteString.copyFrom(out.toByteArray());
  }
}
