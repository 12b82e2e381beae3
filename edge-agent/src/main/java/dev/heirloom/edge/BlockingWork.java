package dev.heirloom.edge;

import java.nio.file.FileSystemException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Runs what waits for disk, network or a session away from the actors. */
final class BlockingWork {
  private final Executor executor;

  BlockingWork(Executor executor) {
    this.executor = executor;
  }

  <T> CompletionStage<T> run(Callable<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        executor);
  }

  /** What a failure of the work says, in one line for a person. */
  static String reason(Throwable failure) {
    Throwable cause = failure.getCause();
    Throwable said = failure instanceof CompletionException && cause != null ? cause : failure;
    String message = said.getMessage();
    String kind = said.getClass().getSimpleName();
    if (message == null) {
      return kind;
    }
    // A file system's exception says only which file.
    return said instanceof FileSystemException ? message + " (" + kind + ")" : message;
  }
}
