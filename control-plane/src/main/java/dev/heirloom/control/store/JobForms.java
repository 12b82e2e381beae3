package dev.heirloom.control.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.store.CborSerializer.Completion;

/**
 * What the queue of jobs persisted before it had today's form, and what it means where something is
 * missing.
 */
final class JobForms {

  private JobForms() {}

  /** Brings one persisted value into today's form; see {@link Completion}. */
  static void complete(String type, ObjectNode written) {
    switch (type) {
      case "job-submitted" -> withLadder(written);
      case "jobs" -> written.path("jobs").forEach(JobForms::withLadder);
      default -> {}
    }
  }

  /** Every job chose its ranks once. */
  private static void withLadder(JsonNode job) {
    if (job.path("spec") instanceof ObjectNode spec) {
      Completion.withList(spec, "ladder");
    }
  }
}
