package dev.heirloom.inheritance.training;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A stretch of computing in libtorch. When the process is told to end, its native libraries are
 * torn down while Java threads still run; one that is inside libtorch then crashes. So the end
 * waits for the stretch at hand, and no further one begins.
 */
final class NativeWork implements AutoCloseable {
  private static final long LONGEST_WAIT_S = 60;
  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();
  private static volatile boolean ending;

  static {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(NativeWork::end, "libtorch-end"));
    } catch (IllegalStateException e) {
      ending = true;
    }
  }

  private NativeWork() {}

  /** Begins a stretch on this thread, which ends it by closing what is returned. */
  static NativeWork begin() throws TrainingException {
    LOCK.readLock().lock();
    if (ending) {
      LOCK.readLock().unlock();
      throw new TrainingException("the process is ending");
    }
    return new NativeWork();
  }

  /** Whether the process waits for this stretch to end; asked by long ones between their steps. */
  boolean endAwaited() {
    return ending;
  }

  private static void end() {
    ending = true;
    try {
      if (LOCK.writeLock().tryLock(LONGEST_WAIT_S, TimeUnit.SECONDS)) {
        LOCK.writeLock().unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    LOCK.readLock().unlock();
  }
}
