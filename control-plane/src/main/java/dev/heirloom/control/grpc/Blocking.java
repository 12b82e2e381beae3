package dev.heirloom.control.grpc;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Runs what reads, writes or computes for long where that is allowed. */
final class Blocking {
  private Blocking() {}

  /**
   * The result of a task; a checked exception arrives as the cause of a {@link
   * CompletionException}.
   */
  static <T> CompletionStage<T> call(Executor blocking, Callable<T> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        blocking);
  }
}
