package dev.heirloom.control.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.adaptation.Speed;
import dev.heirloom.control.store.CborSerializer.Completion;

/**
 * What twins persisted before it had today's form, and what it means where something is missing.
 */
final class TwinForms {

  private TwinForms() {}

  /** Brings one persisted value into today's form; see {@link Completion}. */
  static void complete(String type, ObjectNode written) {
    if (type.equals("known-device")) {
      Completion.withList(written, "flags");
      withInstructions(written);
      Completion.withList(written, "enlistments");
      if (written.path("budgets") instanceof ObjectNode budgets) {
        Completion.withList(budgets, "rules");
      }
    }
    if (written.path("profile") instanceof ObjectNode profile && !profile.has("probes")) {
      profile.putObject("probes").put("version", 0).putArray("ns");
    }
    if (written.path("policy") instanceof ObjectNode policy && policy.has("logRatio")) {
      withSpeed(policy);
    }
  }

  /** Operators had budgets and pins to say once, and nothing else. */
  private static void withInstructions(ObjectNode written) {
    if (!written.has("instructions")) {
      written.putObject("instructions").put("quarantine", "").putObject("labels");
    }
  }

  /** A device's speed was a moving average once, without a variance. */
  private static void withSpeed(ObjectNode policy) {
    JsonNode logRatio = policy.remove("logRatio");
    JsonNode windows = policy.remove("windows");
    policy.remove("latest");
    boolean measured = windows != null && windows.asInt() > 0;
    ObjectNode speed = policy.putObject("speed");
    speed.set("logRatio", logRatio);
    speed.set("windows", windows);
    speed.put("variance", measured ? Speed.UNKNOWN.noise() : Speed.UNKNOWN.variance());
    speed.put("noise", Speed.UNKNOWN.noise()).put("surprise", 0.0);
    if (policy.path("rungs") instanceof ArrayNode rungs) {
      rungs.forEach(TwinForms::withBreaks);
    }
  }

  private static void withBreaks(JsonNode memory) {
    if (memory instanceof ObjectNode rung && rung.has("calm")) {
      rung.put("breaks", rung.path("brokenBudgetNs").asLong() > 0 ? 1 : 0);
      rung.set("age", rung.remove("calm"));
      rung.remove("brokenP95Ns");
    }
  }
}
