package dev.heirloom.control.access;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes who did what, behind the calls: on a thread of its own, as many entries at once as wait.
 * Where the disk cannot follow, callers wait a moment before an entry is left out, which the log of
 * the process says.
 */
public final class AuditLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final int MOST_WAITING = 10_000;
  private static final int MOST_AT_ONCE = 500;
  private static final long PATIENCE_MS = 2_000;

  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AccessRecords records;
  private final Thread writer;

  private sealed interface Waiting {}

  private record Entry(AuditEntry entry) implements Waiting {}

  private record End() implements Waiting {}

  public AuditLog(AccessRecords records) {
    this.records = records;
    this.writer = new Thread(this::write, "heirloom-audit");
    writer.setDaemon(true);
    writer.start();
  }

  /** Adds an entry; it is on the disk a moment later. */
  public void add(AuditEntry entry) {
    if (!waiting.offer(new Entry(entry))) {
      LOG.error("the audit log cannot follow; left out: {}", entry);
    }
  }

  private void write() {
    try {
      boolean open = true;
      while (open) {
        List<Waiting> taken = new ArrayList<>(List.of(waiting.take()));
        waiting.drainTo(taken, MOST_AT_ONCE);
        open = taken.stream().noneMatch(End.class::isInstance);
        append(
            taken.stream()
                .filter(Entry.class::isInstance)
                .map(next -> ((Entry) next).entry())
                .toList());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void append(List<AuditEntry> entries) {
    try {
      if (!entries.isEmpty()) {
        records.append(entries);
      }
    } catch (IOException e) {
      LOG.error("the audit log cannot be written: {}; left out: {}", e.getMessage(), entries);
    }
  }

  /** Writes what waits. */
  @Override
  public void close() throws InterruptedException {
    if (waiting.offer(new End(), PATIENCE_MS, TimeUnit.MILLISECONDS)) {
      writer.join(PATIENCE_MS);
    }
  }
}
