package dev.heirloom.control.store;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.io.NotSerializableException;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * Writes what entities persist as CBOR objects with one field per record component. The manifest is
 * {@code NAME:VERSION}, the stable name of the type and the version of this format; an unknown one
 * is refused rather than guessed at.
 */
abstract class CborSerializer<T> extends SerializerWithStringManifest {
  private static final String VERSION = "1";

  private final int identifier;
  private final String persisted;
  private final Map<String, Class<? extends T>> types;
  private final Map<Class<?>, String> names;
  private final Completion completion;

  private final ObjectMapper mapper =
      CBORMapper.builder()
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Creates a serializer.
   *
   * @param identifier its number, unique among the serializers, the same for ever
   * @param persisted what it writes, for people
   * @param types by their stable names
   * @param completion puts in what older journals lack
   */
  CborSerializer(
      int identifier,
      String persisted,
      Map<String, Class<? extends T>> types,
      Completion completion) {
    this.identifier = identifier;
    this.persisted = persisted;
    this.types = types;
    this.names =
        types.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));
    this.completion = completion;
  }

  /** Brings what was written by an older program into the form that is written today. */
  interface Completion {

    /** Nothing has changed since the first form. */
    Completion NONE = (type, written) -> {};

    /**
     * Completes one persisted value.
     *
     * @param type its stable name
     * @param written changed in place; left alone where it is not what the type ever was
     */
    void complete(String type, ObjectNode written);

    /** Puts an empty list where there is none. */
    static void withList(ObjectNode written, String list) {
      if (!written.has(list)) {
        written.putArray(list);
      }
    }
  }

  @Override
  public int identifier() {
    return identifier;
  }

  @Override
  public String manifest(Object written) {
    String name = names.get(written.getClass());
    if (name == null) {
      throw new IllegalArgumentException(
          "written: " + written.getClass().getName() + " (expected: " + persisted + ")");
    }
    return name + ":" + VERSION;
  }

  @Override
  public byte[] toBinary(Object written) {
    String manifest = manifest(written);
    try {
      return mapper.writeValueAsBytes(written);
    } catch (IOException e) {
      throw new IllegalArgumentException(manifest + " cannot be written", e);
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    int colon = manifest.lastIndexOf(':');
    String name = manifest.substring(0, Math.max(colon, 0));
    String version = manifest.substring(colon + 1);
    Class<? extends T> type = types.get(name);
    if (type == null) {
      throw refused(manifest, "its type is not known here");
    }
    if (!version.equals(VERSION)) {
      throw refused(manifest, "this program reads version " + VERSION);
    }
    try {
      return read(bytes, name, type);
    } catch (IOException e) {
      throw refused(manifest, "damaged: " + firstLine(e));
    }
  }

  private T read(byte[] bytes, String name, Class<? extends T> type) throws IOException {
    if (!(mapper.readTree(bytes) instanceof ObjectNode written)) {
      throw new IOException("not an object");
    }
    completion.complete(name, written);
    return mapper.treeToValue(written, type);
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }

  private static NotSerializableException refused(String manifest, String reason) {
    return new NotSerializableException(
        "the journal holds '"
            + manifest
            + "': "
            + reason
            + " (written by another version of Heirloom?)");
  }
}
