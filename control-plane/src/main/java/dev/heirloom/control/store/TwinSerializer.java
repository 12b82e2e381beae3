package dev.heirloom.control.store;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.heirloom.actors.twin.TwinSerializable;
import java.io.IOException;
import java.io.NotSerializableException;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * Writes what twins persist as CBOR objects with one field per record component. The manifest is
 * {@code NAME:VERSION}, the stable name of the type and the version of this format; an unknown one
 * is refused rather than guessed at.
 */
public final class TwinSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 48_101;
  private static final String VERSION = "1";

  private static final Map<Class<?>, String> NAMES =
      TwinSerializable.NAMES.entrySet().stream()
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

  /** Components that a type was given after its release, and what they mean where missing. */
  private static final Map<String, Map<String, JsonNode>> ADDED =
      Map.of("known-device", Map.of("flags", JsonNodeFactory.instance.arrayNode()));

  private final ObjectMapper mapper =
      CBORMapper.builder()
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object written) {
    String name = NAMES.get(written.getClass());
    if (name == null) {
      throw new IllegalArgumentException(
          "written: " + written.getClass().getName() + " (expected: what a twin persists)");
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
    Class<? extends TwinSerializable> type = TwinSerializable.NAMES.get(name);
    if (type == null) {
      throw refused(manifest, "its type is not known here");
    }
    if (!version.equals(VERSION)) {
      throw refused(manifest, "this program reads version " + VERSION);
    }
    try {
      Map<String, JsonNode> added = ADDED.getOrDefault(name, Map.of());
      return added.isEmpty()
          ? mapper.readValue(bytes, type)
          : mapper.treeToValue(completed(mapper.readTree(bytes), added), type);
    } catch (IOException e) {
      throw refused(manifest, "damaged: " + firstLine(e));
    }
  }

  private static JsonNode completed(JsonNode read, Map<String, JsonNode> added) throws IOException {
    if (!(read instanceof ObjectNode object)) {
      throw new IOException("no object");
    }
    added.forEach(object::putIfAbsent);
    return object;
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
