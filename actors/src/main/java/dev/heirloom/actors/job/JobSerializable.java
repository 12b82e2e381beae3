package dev.heirloom.actors.job;

import java.util.Map;

/** What the queue of jobs persists: records of JDK types, numbers, strings and enums. */
public sealed interface JobSerializable permits JobEvent, Jobs {

  /** The stable name of every persisted type; a name once released keeps its meaning. */
  Map<String, Class<? extends JobSerializable>> NAMES =
      Map.ofEntries(
          Map.entry("job-submitted", JobEvent.Submitted.class),
          Map.entry("job-assigned", JobEvent.Assigned.class),
          Map.entry("job-advanced", JobEvent.Advanced.class),
          Map.entry("job-returned", JobEvent.Returned.class),
          Map.entry("publish-permitted", JobEvent.PublishPermitted.class),
          Map.entry("job-published", JobEvent.Published.class),
          Map.entry("job-failed", JobEvent.Failed.class),
          Map.entry("job-cancelled", JobEvent.Cancelled.class),
          Map.entry("job-retried", JobEvent.Retried.class),
          Map.entry("job-prioritised", JobEvent.Prioritised.class),
          Map.entry("job-forgotten", JobEvent.Forgotten.class),
          Map.entry("jobs", Jobs.class));
}
