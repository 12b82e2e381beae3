package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.InferTensorContents;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorContentsTest {
  private static final long[] DIMS = {2, 3};
  private static final ElementType TEXT = ElementType.ELEMENT_TYPE_STRING;

  private static ByteString bytes(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < array.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return ByteString.copyFrom(array);
  }

  private static void assertRefused(ThrowingCallable call, String said) {
    assertThatThrownBy(call).isInstanceOf(MalformedException.class).hasMessage(said);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ELEMENT_TYPE_UNSPECIFIED", "ELEMENT_TYPE_STRING", "UNRECOGNIZED"})
  void everyNumberSurvivesRawAndTyped(ElementType type) throws Exception {
    for (long seed = 0; seed < 20; seed++) {
      byte[] random = new byte[6 * ElementTypes.bytes(type)];
      new Random(seed).nextBytes(random);
      if (type == ElementType.ELEMENT_TYPE_BOOL) {
        for (int i = 0; i < random.length; i++) {
          random[i] &= 1;
        }
      }
      TensorValue raw = TensorContents.raw(type, ByteString.copyFrom(random), DIMS, 6, "raw");
      assertThat(TensorContents.raw(raw).toByteArray()).as("seed %d", seed).isEqualTo(random);
      if (type != ElementType.ELEMENT_TYPE_FLOAT16) {
        TensorValue typed =
            TensorContents.typed(type, TensorContents.typed(raw), DIMS, 6, "contents");
        assertThat(typed.type()).isEqualTo(type);
        assertThat(typed.dims()).isEqualTo(DIMS);
        assertThat(typed.toLittle()).as("seed %d", seed).isEqualTo(random);
      }
    }
  }

  @Test
  void textSurvivesRawAndTyped() throws Exception {
    List<String> texts = List.of("", "a", "été", "中文", "two\nlines", "x".repeat(300));
    TensorValue value = TensorValue.texts(texts, DIMS);
    ByteString raw = TensorContents.raw(value);
    assertThat(raw.substring(0, 9)).isEqualTo(bytes(0, 0, 0, 0, 1, 0, 0, 0, 'a'));
    assertThat(TensorContents.raw(TEXT, raw, DIMS, 6, "raw").texts()).isEqualTo(texts);
    InferTensorContents typed = TensorContents.typed(value);
    assertThat(typed.getBytesContents(2).toStringUtf8()).isEqualTo("été");
    assertThat(TensorContents.typed(TEXT, typed, DIMS, 6, "contents").texts()).isEqualTo(texts);
  }

  @Test
  void refusesTextThatIsCutAnywhere() {
    ByteString whole = TensorContents.raw(TensorValue.texts(List.of("ab", "", "cde"), 3));
    for (int size = 0; size < whole.size(); size++) {
      ByteString cut = whole.substring(0, size);
      assertThatThrownBy(() -> TensorContents.raw(TEXT, cut, new long[] {3}, 3, "raw"))
          .as("%d bytes", size)
          .isInstanceOf(MalformedException.class)
          .hasMessageStartingWith("raw: ");
    }
    assertRefused(
        () -> TensorContents.raw(TEXT, whole.concat(bytes(0)), new long[] {3}, 3, "raw"),
        "raw: 1 bytes after the last of 3 elements");
  }

  @Test
  void aLengthBeyondTheMessageIsNotAllocated() {
    assertRefused(
        () -> TensorContents.raw(TEXT, bytes(255, 255, 255, 255, 7), new long[] {1}, 1, "raw"),
        "raw: element 0 has 4294967295 bytes, 1 are left");
    assertRefused(
        () -> TensorContents.raw(TEXT, bytes(255, 255, 255, 127), new long[] {1}, 1, "raw"),
        "raw: element 0 has 2147483647 bytes, 0 are left");
    int many = 1 << 24;
    assertRefused(
        () -> TensorContents.raw(TEXT, bytes(0, 0, 0, 0), new long[] {many}, many, "raw"),
        "raw: ends before the length of element 1 of 16777216");
  }

  @Test
  void refusesTextThatCannotBePassed() {
    assertRefused(
        () -> TensorContents.raw(TEXT, bytes(2, 0, 0, 0, 0xc3, 0x28), new long[] {1}, 1, "raw"),
        "raw: element 0 is not UTF-8");
    InferTensorContents nul =
        InferTensorContents.newBuilder().addBytesContents(ByteString.copyFromUtf8("a\0")).build();
    assertRefused(
        () -> TensorContents.typed(TEXT, nul, new long[] {1}, 1, "contents"),
        "contents.bytes_contents: text 0 holds U+0000"
            + " (expected: U+0001..U+FFFF, all that the runtime takes)");
  }

  @Test
  void refusesBoolsThatAreNeither() {
    assertRefused(
        () ->
            TensorContents.raw(
                ElementType.ELEMENT_TYPE_BOOL, bytes(0, 1, 255), new long[] {3}, 3, "raw"),
        "raw: byte 2 is 255 (expected: 0 or 1)");
  }

  @ParameterizedTest
  @CsvSource({
    "INT8, -128, 127",
    "INT16, -32768, 32767",
    "UINT8, 0, 255",
    "UINT16, 0, 65535",
  })
  void typedIntegersKeepToTheirRange(String name, int least, int most) throws Exception {
    ElementType type = ElementType.valueOf("ELEMENT_TYPE_" + name);
    boolean signed = least < 0;
    String list = signed ? "int_contents" : "uint_contents";
    assertThat(
            TensorContents.typed(type, integers(signed, least, most), new long[] {2}, 2, "c")
                .toLongs())
        .containsExactly(least, most);
    assertRefused(
        () -> TensorContents.typed(type, integers(signed, least, most + 1), new long[] {2}, 2, "c"),
        "c.%s: value 1 is %d (expected: %d..%d)".formatted(list, most + 1, least, most));
    if (signed) {
      assertRefused(
          () -> TensorContents.typed(type, integers(true, least - 1), new long[] {1}, 1, "c"),
          "c.%s: value 0 is %d (expected: %d..%d)".formatted(list, least - 1, least, most));
    }
  }

  private static InferTensorContents integers(boolean signed, int... values) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    for (int value : values) {
      if (signed) {
        contents.addIntContents(value);
      } else {
        contents.addUintContents(value);
      }
    }
    return contents.build();
  }

  @Test
  void typedContentsAreInOneListAndComplete() {
    InferTensorContents two =
        InferTensorContents.newBuilder().addFp32Contents(1).addInt64Contents(1).build();
    assertRefused(
        () ->
            TensorContents.typed(
                ElementType.ELEMENT_TYPE_FLOAT32, two, new long[] {1}, 1, "contents"),
        "contents.int64_contents: given beside fp32_contents");
    assertRefused(
        () ->
            TensorContents.typed(
                ElementType.ELEMENT_TYPE_FLOAT64, two, new long[] {1}, 1, "contents"),
        "contents.fp64_contents: 0 values (expected: 1)");
    assertRefused(
        () ->
            TensorContents.typed(
                ElementType.ELEMENT_TYPE_FLOAT16, two, new long[] {1}, 1, "contents"),
        "contents: none are defined for this type (expected: raw_input_contents)");
  }

  @Test
  void rawNumbersAreLittleEndian() throws Exception {
    ByteBuffer little = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, -2.5);
    TensorValue value =
        TensorContents.raw(
            ElementType.ELEMENT_TYPE_FLOAT64, ByteString.copyFrom(little), new long[] {1}, 1, "r");
    assertThat(value.toDoubles()).containsExactly(-2.5);
    assertThat(TensorContents.typed(value).getFp64Contents(0)).isEqualTo(-2.5);
    TensorValue unsigned =
        TensorContents.raw(
            ElementType.ELEMENT_TYPE_UINT32, bytes(255, 255, 255, 255), new long[] {1}, 1, "r");
    assertThat(TensorContents.typed(unsigned).getUintContents(0)).isEqualTo(-1);
    assertThat(unsigned.toLongs()).containsExactly(4_294_967_295L);
  }
}
