package dev.heirloom.actors.job;

/**
 * What an attempt shows that it is the one which works on a job.
 *
 * @param job identifier
 * @param attempt from 1
 * @param trainer who was given it
 * @param key that only this trainer was told
 */
public record Lease(String job, int attempt, String trainer, String key) {

  /** Without the key: what is logged by mistake opens nothing. */
  @Override
  public String toString() {
    return job + ", attempt " + attempt + " of " + trainer;
  }
}
