package dev.heirloom.control.store;

import dev.heirloom.actors.job.JobSerializable;

/** Writes what the queue of jobs persists. */
public final class JobSerializer extends CborSerializer<JobSerializable> {
  private static final int IDENTIFIER = 48_110;

  /** Created by Pekko, once per system. */
  public JobSerializer() {
    super(IDENTIFIER, "what the queue of jobs persists", JobSerializable.NAMES, JobForms::complete);
  }
}
