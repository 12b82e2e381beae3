package dev.heirloom.transport.grpc;

/**
 * Wakes a stage from gRPC's threads. What happened is kept in state that the stage reads for
 * itself, so a ring before the stage runs is not lost: a stage first answers the bell and then
 * looks.
 */
final class CallBell {
  private volatile Runnable answer = () -> {};
  private volatile boolean ended;

  /** From now on each ring runs {@code onRing}; the caller looks at the state once after this. */
  void answer(Runnable onRing) {
    answer = onRing;
  }

  void ring() {
    answer.run();
  }

  /** The call is over; nothing may be written to it any more. */
  void end() {
    ended = true;
    ring();
  }

  boolean ended() {
    return ended;
  }
}
