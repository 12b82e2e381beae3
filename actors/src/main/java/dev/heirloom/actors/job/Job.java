package dev.heirloom.actors.job;

/**
 * One job as the queue knows it. Persisted as it is.
 *
 * @param id unique, e.g. {@code job-7}
 * @param number counts the jobs from 1
 * @param priority -100..100; a larger one is worked on first
 * @param attempts fruitless attempts in a row that fail it, 1..100
 * @param attempt counts the attempts; 0 before the first. Only the newest may report or publish
 * @param fruitless of these, how many in a row, at the end, got no farther than those before
 * @param trainer who works on it, or did last; empty before
 * @param key that the newest attempt shows; empty before
 * @param submittedMs ms since 1970
 * @param changedMs when the state changed last, ms since 1970
 * @param mark how far it got in any attempt
 * @param markBefore how far it had got when the newest attempt began
 * @param reason why it failed, was cancelled or is in the queue again; may be empty
 * @param permitted manifest that the newest attempt may publish, or might; empty before
 * @param family that was published; empty before
 * @param manifest SHA-256 of its manifest, in hexadecimal digits; empty before
 */
public record Job(
    String id,
    long number,
    JobSpec spec,
    int priority,
    int attempts,
    JobState state,
    int attempt,
    int fruitless,
    String trainer,
    String key,
    long submittedMs,
    long changedMs,
    Mark mark,
    Mark markBefore,
    String reason,
    String permitted,
    String family,
    String manifest) {

  /**
   * How far an attempt got.
   *
   * @param state the farthest
   * @param keptSteps of the fine-tune, in a checkpoint
   */
  public record Mark(JobState state, long keptSteps) {
    /** Nothing was done yet. */
    public static final Mark NONE = new Mark(JobState.QUEUED, 0);

    /** Whether this is beyond another. */
    public boolean beyond(Mark other) {
      int byState = state.compareTo(other.state);
      return byState > 0 || (byState == 0 && keptSteps > other.keptSteps);
    }
  }

  static Job submitted(JobEvent.Submitted event) {
    return new Job(
        event.id(),
        event.number(),
        event.spec(),
        event.priority(),
        event.attempts(),
        JobState.QUEUED,
        0,
        0,
        "",
        "",
        event.atMs(),
        event.atMs(),
        Mark.NONE,
        Mark.NONE,
        "",
        "",
        "",
        "");
  }

  /** What the newest attempt shows. */
  public Lease lease() {
    return new Lease(id, attempt, trainer, key);
  }

  /** Whether an attempt is the one that may report and publish. */
  boolean leased(Lease shown) {
    return state.running() && lease().equals(shown);
  }

  /** Whether a family of it may be on its way in: then it is too late for anything else. */
  public boolean publishing() {
    return state.running() && !permitted.isEmpty();
  }

  /** Whether it waits, and may be worked on at this time. */
  public boolean ready(long nowMs) {
    return state == JobState.QUEUED && !JobRules.pauses(this, nowMs);
  }

  /** Whether the attempt that is under way got farther than any before. */
  boolean fruitful() {
    return mark.beyond(markBefore);
  }

  Job assigned(JobEvent.Assigned event) {
    return new Job(
        id,
        number,
        spec,
        priority,
        attempts,
        JobState.CALIBRATING,
        event.attempt(),
        fruitless,
        event.trainer(),
        event.key(),
        submittedMs,
        event.atMs(),
        mark,
        mark,
        "",
        "",
        family,
        manifest);
  }

  Job advanced(JobEvent.Advanced event) {
    Mark reached = new Mark(event.state(), event.keptSteps());
    return new Job(
        id,
        number,
        spec,
        priority,
        attempts,
        event.state(),
        attempt,
        fruitless,
        trainer,
        key,
        submittedMs,
        event.state() == state ? changedMs : event.atMs(),
        reached.beyond(mark) ? reached : mark,
        markBefore,
        reason,
        permitted,
        family,
        manifest);
  }

  Job prioritised(JobEvent.Prioritised event) {
    return new Job(
        id,
        number,
        spec,
        event.priority(),
        attempts,
        state,
        attempt,
        fruitless,
        trainer,
        key,
        submittedMs,
        changedMs,
        mark,
        markBefore,
        reason,
        permitted,
        family,
        manifest);
  }

  Job permitted(JobEvent.PublishPermitted event) {
    return changed(state, changedMs, fruitless, reason, event.manifest(), family, manifest);
  }

  Job returned(JobEvent.Returned event) {
    return changed(
        JobState.QUEUED,
        event.atMs(),
        event.fruitless(),
        event.reason(),
        permitted,
        family,
        manifest);
  }

  Job retried(JobEvent.Retried event) {
    return changed(JobState.QUEUED, event.atMs(), 0, "", "", family, manifest);
  }

  Job failed(JobEvent.Failed event) {
    return changed(
        JobState.FAILED, event.atMs(), event.fruitless(), event.reason(), "", family, manifest);
  }

  Job cancelled(JobEvent.Cancelled event) {
    return changed(
        JobState.CANCELLED, event.atMs(), fruitless, event.reason(), "", family, manifest);
  }

  Job published(JobEvent.Published event) {
    return changed(
        JobState.PUBLISHED,
        event.atMs(),
        fruitless,
        "",
        event.manifest(),
        event.family(),
        event.manifest());
  }

  private Job changed(
      JobState nextState,
      long atMs,
      int nextFruitless,
      String nextReason,
      String nextPermitted,
      String nextFamily,
      String nextManifest) {
    return new Job(
        id,
        number,
        spec,
        priority,
        attempts,
        nextState,
        attempt,
        nextFruitless,
        trainer,
        key,
        submittedMs,
        atMs,
        mark,
        markBefore,
        nextReason,
        nextPermitted,
        nextFamily,
        nextManifest);
  }
}
