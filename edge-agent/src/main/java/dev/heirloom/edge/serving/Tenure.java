package dev.heirloom.edge.serving;

import dev.heirloom.edge.report.WindowRecorder;
import dev.heirloom.edge.slot.Heir;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The time of one heir in service, with its running window. Whoever uses the heir holds a lease; a
 * retired tenure gives no more leases, and its heir is closed when the last one is returned.
 */
public final class Tenure {
  private final Heir heir;
  private final WindowRecorder recorder;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private int leases;
  private boolean retired;

  public Tenure(Heir heir, WindowRecorder recorder) {
    this.heir = heir;
    this.recorder = recorder;
  }

  public Heir heir() {
    return heir;
  }

  public WindowRecorder recorder() {
    return recorder;
  }

  /** Takes a lease, unless retired. */
  synchronized boolean acquire() {
    if (retired) {
      return false;
    }
    leases++;
    return true;
  }

  /** Returns a lease. */
  void release() {
    boolean last;
    synchronized (this) {
      if (leases == 0) {
        throw new IllegalStateException("leases: 0 (expected: more)");
      }
      leases--;
      last = retired && leases == 0;
    }
    if (last) {
      end();
    }
  }

  /** Gives no more leases; the result completes when the heir is closed. Again changes nothing. */
  public CompletionStage<Void> retire() {
    boolean idle;
    synchronized (this) {
      idle = !retired && leases == 0;
      retired = true;
    }
    if (idle) {
      end();
    }
    return ended;
  }

  private void end() {
    heir.close();
    ended.complete(null);
  }
}
