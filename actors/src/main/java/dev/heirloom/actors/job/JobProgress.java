package dev.heirloom.actors.job;

/**
 * How far a trainer says that it is. Not persisted, but sent to whoever follows a job.
 *
 * @param stage of the inheritance, in its own word; empty where nothing was heard yet
 * @param done steps or samples of the stage
 * @param total of them
 * @param loss of the last step of the fine-tune; 0 before
 * @param keptSteps steps of the fine-tune that a checkpoint holds
 * @param trainedSteps steps of the fine-tune that this trainer did altogether, repeated ones
 *     included
 * @param leftMs what the stage still takes, as far as can be told; 0 where that is not known
 * @param note the last thing worth a line; may be empty
 */
public record JobProgress(
    String stage,
    long done,
    long total,
    double loss,
    long keptSteps,
    long trainedSteps,
    long leftMs,
    String note) {

  /** Nothing was heard yet. */
  public static final JobProgress NONE = new JobProgress("", 0, 0, 0, 0, 0, 0, "");

  private static final int MOST_CHARACTERS = 1000;

  public JobProgress {
    if (stage.length() > MOST_CHARACTERS || note.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "note: too long (expected: at most " + MOST_CHARACTERS + " characters)");
    }
    if (done < 0 || total < 0 || keptSteps < 0 || trainedSteps < 0 || leftMs < 0) {
      throw new IllegalArgumentException("done: negative (expected: >= 0)");
    }
  }

  /** Whether something was done since another was said. */
  boolean moved(JobProgress before) {
    return !stage.equals(before.stage) || done != before.done || keptSteps != before.keptSteps;
  }

  /** The state that a job is in at this stage. */
  JobState state() {
    return switch (stage) {
      case "factor", "ladder" -> JobState.FACTORING;
      case "fine-tune", "recalibrate" -> JobState.FINE_TUNING;
      case "evaluate", "write", "publish" -> JobState.EVALUATING;
      default -> JobState.CALIBRATING;
    };
  }
}
