package dev.heirloom.inheritance;

/** An inheritance that was ended because its {@link Progress} asked for it; nothing was written. */
public final class CancelledException extends Exception {
  public CancelledException() {
    super("cancelled");
  }
}
