package dev.heirloom.actors.job;

/**
 * A job with what was last heard of its trainer.
 *
 * @param progress of the attempt that is under way; {@link JobProgress#NONE} otherwise
 */
public record JobStatus(Job job, JobProgress progress) {}
