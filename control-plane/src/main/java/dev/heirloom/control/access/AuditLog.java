package dev.heirloom.control.access;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes who did what, behind the calls: on a thread of its own, as many entries at once as wait.
 * What cannot be written is tried again. What is left out in the end, because the disk does not
 * follow for too long or because nothing can be made of an entry, is in the log of the process. Of
 * what was refused, the newest entries are kept: strangers shall not fill the disk.
 */
public final class AuditLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final int MOST_WAITING = 10_000;
  private static final int MOST_AT_ONCE = 500;
  private static final int MOST_TRIES = 20;
  private static final long PATIENCE_MS = 2_000;

  /** Entries about what was refused that stay. */
  private static final int MOST_REFUSED = 100_000;

  /** After so many entries it is looked whether there are too many of those. */
  private static final int LOOK_AFTER = 10_000;

  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final AccessRecords records;
  private final Duration pause;
  private final Thread writer;
  private volatile boolean closing;
  private int sinceLook = LOOK_AFTER;

  private sealed interface Waiting {}

  private record Entry(AuditEntry entry) implements Waiting {}

  private record End() implements Waiting {}

  public AuditLog(AccessRecords records) {
    this(records, Duration.ofSeconds(1));
  }

  /**
   * Begins to write.
   *
   * @param pause between two tries
   */
  AuditLog(AccessRecords records, Duration pause) {
    this.records = records;
    this.pause = pause;
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

  private void append(List<AuditEntry> entries) throws InterruptedException {
    if (entries.isEmpty() || tried(entries)) {
      return;
    }
    for (int tries = 1; tries < MOST_TRIES && !closing; tries++) {
      Thread.sleep(pause.toMillis());
      if (tried(entries)) {
        return;
      }
    }
    // One that nothing can be made of shall not take others with it.
    for (AuditEntry entry : entries) {
      if (!tried(List.of(entry))) {
        LOG.error("left out of the audit log: {}", entry);
      }
    }
  }

  private boolean tried(List<AuditEntry> entries) {
    try {
      records.append(entries);
    } catch (IOException | RuntimeException e) {
      LOG.error("the audit log cannot be written: {}", String.valueOf(e.getMessage()));
      return false;
    }
    sinceLook += entries.size();
    if (sinceLook >= LOOK_AFTER) {
      sinceLook = 0;
      forget();
    }
    return true;
  }

  private void forget() {
    try {
      records.forgetRefused(MOST_REFUSED);
    } catch (IOException | RuntimeException e) {
      LOG.error("the audit log cannot be shortened: {}", String.valueOf(e.getMessage()));
    }
  }

  /** Writes what waits. */
  @Override
  public void close() throws InterruptedException {
    closing = true;
    if (waiting.offer(new End(), PATIENCE_MS, TimeUnit.MILLISECONDS)) {
      writer.join(PATIENCE_MS);
    }
  }
}
