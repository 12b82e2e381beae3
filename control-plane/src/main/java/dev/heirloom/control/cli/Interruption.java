package dev.heirloom.control.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C and its like: asks the command to end, gives it some time to clean up, and says one line.
 * The process then ends with the code of the signal, 130 for an interrupt.
 */
public final class Interruption {
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private final AtomicBoolean requested = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Streams streams;
  private volatile Duration more = Duration.ZERO;

  private Interruption(Streams streams) {
    this.streams = streams;
  }

  /** Hears of nothing, for commands that run inside another program. */
  static Interruption never(Streams streams) {
    return new Interruption(streams);
  }

  /** Listens from now on. */
  public static Interruption listen(Streams streams) {
    Interruption interruption = new Interruption(streams);
    Thread worker = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> interruption.shutdown(worker), "interruption"));
    return interruption;
  }

  /** Whether the command shall end. */
  public boolean requested() {
    return requested.get();
  }

  /** Gives the command longer to clean up. */
  void allow(Duration longer) {
    more = longer;
  }

  /** Told when the command has ended and cleaned up, before the process exits of its own accord. */
  public void commandEnded() {
    ended.countDown();
  }

  private void shutdown(Thread worker) {
    if (ended.getCount() == 0) {
      return;
    }
    requested.set(true);
    worker.interrupt();
    boolean clean = false;
    try {
      clean = ended.await(PATIENCE.plus(more).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (streams.interactive()) {
      streams.messages().println();
    }
    streams.messages().println("heirloom: interrupted" + (clean ? "" : " while busy"));
    streams.messages().flush();
  }
}
