package dev.heirloom.control.cli;

import dev.heirloom.control.StartException;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.checkpoint.CheckpointException;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The one place where whatever went wrong becomes a line for the one who asked. */
public final class Failures {
  private static final int INTERRUPTED = 130;

  private Failures() {}

  /** Prints a failure to the messages and returns its exit code. */
  public static int report(String program, Failure failure, Streams streams) {
    if (!failure.line().isEmpty()) {
      streams.messages().println(program + ": " + failure.line());
      failure.hints().forEach(hint -> streams.messages().println("  " + hint));
    }
    return failure.exitCode();
  }

  /** What to say about an exception. */
  public static Failure of(Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    Optional<Failure> memory = MemoryFailure.of(cause);
    if (memory.isPresent()) {
      return memory.get();
    }
    if (cause instanceof CommandException refused) {
      return refused.failure();
    }
    if (cause instanceof RefusedException refused) {
      return new Failure(1, message(refused), refused.reasons());
    }
    if (cause instanceof MalformedException
        || cause instanceof StartException
        || cause instanceof SessionException
        || cause instanceof TrainingException
        || cause instanceof ControlPlaneException) {
      return Failure.of(message(cause));
    }
    if (cause instanceof CancelledException
        || cause instanceof CancellationException
        || cause instanceof InterruptedException) {
      return new Failure(INTERRUPTED, "", List.of());
    }
    if (cause instanceof IOException io) {
      return ofIo(io);
    }
    return unexpected(cause);
  }

  private static Failure ofIo(IOException e) {
    if (e instanceof CheckpointException checkpoint) {
      return new Failure(1, message(e), checkpoint.hints());
    }
    if (e instanceof NoSuchFileException missing) {
      return Failure.of("no such file or directory: " + missing.getFile());
    }
    if (e instanceof AccessDeniedException denied) {
      return Failure.of("permission denied: " + denied.getFile());
    }
    if (e instanceof NotDirectoryException file) {
      return Failure.of(file.getFile() + " is not a directory");
    }
    if (e instanceof FileAlreadyExistsException existing) {
      return Failure.of(existing.getFile() + " exists already");
    }
    if (e instanceof DirectoryNotEmptyException full) {
      return Failure.of(full.getFile() + " is not empty");
    }
    if (e instanceof BindException) {
      return Failure.of(message(e), "Another program listens there; choose another port.");
    }
    return Failure.of(message(e));
  }

  private static Failure unexpected(Throwable thrown) {
    String line = "unexpected " + thrown.getClass().getSimpleName() + ": " + message(thrown);
    try {
      Path trace = Files.createTempFile("heirloom-", ".trace.txt");
      try (PrintWriter writer =
          new PrintWriter(Files.newBufferedWriter(trace, StandardCharsets.UTF_8))) {
        thrown.printStackTrace(writer);
      }
      return Failure.of(line, "This is a defect of Heirloom; its trace is in " + trace);
    } catch (IOException e) {
      return Failure.of(line, "This is a defect of Heirloom; its trace could not be written.");
    }
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while (wraps(cause)) {
      Throwable inner = cause.getCause();
      if (inner == null) {
        break;
      }
      cause = inner;
    }
    BindException bind = bindException(cause);
    return bind == null ? cause : bind;
  }

  private static boolean wraps(Throwable thrown) {
    return thrown instanceof CompletionException
        || thrown instanceof ExecutionException
        || thrown instanceof UncheckedIOException;
  }

  /** Servers wrap a refused port in exceptions of their own. */
  private static @Nullable BindException bindException(Throwable thrown) {
    int depth = 0;
    for (Throwable t = thrown; t != null && depth < 16; t = t.getCause(), depth++) {
      if (t instanceof BindException bind) {
        return bind;
      }
    }
    return null;
  }

  private static String message(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
  }
}
