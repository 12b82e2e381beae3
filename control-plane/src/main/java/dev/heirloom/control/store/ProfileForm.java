package dev.heirloom.control.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.runtime.family.ProbeTimes;
import java.io.IOException;

/**
 * How a device profile is persisted: without the times of micro-probes where it has none, as every
 * profile was before there were any. Both forms are read.
 */
final class ProfileForm {

  private static final String PROBES = "probes";

  private ProfileForm() {}

  static Module module() {
    return new SimpleModule("profile-form")
        .setMixInAnnotation(DeviceProfile.class, Written.class)
        .setDeserializerModifier(
            new BeanDeserializerModifier() {
              private static final long serialVersionUID = 1;

              @Override
              public JsonDeserializer<?> modifyDeserializer(
                  DeserializationConfig config, BeanDescription of, JsonDeserializer<?> plain) {
                return of.getBeanClass() == DeviceProfile.class ? new Completed(plain) : plain;
              }
            });
  }

  /** What is left out. */
  private interface Written {
    @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Nothing.class)
    ProbeTimes probes();
  }

  /** Equal to times that say nothing. */
  static final class Nothing {
    @Override
    public boolean equals(Object other) {
      return other == null || other.equals(ProbeTimes.NONE);
    }

    @Override
    public int hashCode() {
      return ProbeTimes.NONE.hashCode();
    }
  }

  /** Puts in what an older profile lacks. */
  private static final class Completed extends DelegatingDeserializer {
    private static final long serialVersionUID = 1;

    Completed(JsonDeserializer<?> plain) {
      super(plain);
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> plain) {
      return new Completed(plain);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      JsonNode tree = context.readTree(parser);
      if (tree instanceof ObjectNode profile && !profile.has(PROBES)) {
        profile.putObject(PROBES).put("version", 0).putArray("ns");
      }
      try (JsonParser again = tree.traverse(parser.getCodec())) {
        again.nextToken();
        return super.deserialize(again, context);
      }
    }
  }
}
