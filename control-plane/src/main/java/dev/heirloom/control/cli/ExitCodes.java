package dev.heirloom.control.cli;

/** What a command's exit code says; the table is in {@code docs/reference/cli.md}. */
public final class ExitCodes {
  /** What was asked for was done. */
  public static final int DONE = 0;

  /** It was refused, or failed. */
  public static final int REFUSED = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** No control plane answered, or not in time: it may be tried again. */
  public static final int UNREACHABLE = 3;

  /** No rung meets the budget. */
  public static final int BUDGET_UNMET = 4;

  /** Some of the devices were not changed. */
  public static final int PARTLY = 5;

  /** The control plane knows nothing of that name. */
  public static final int NOT_FOUND = 6;

  /** The job that was followed has failed. */
  public static final int JOB_FAILED = 7;

  /** The job that was followed was cancelled. */
  public static final int JOB_CANCELLED = 8;

  /** Interrupted by Ctrl-C. */
  public static final int INTERRUPTED = 130;

  private ExitCodes() {}
}
