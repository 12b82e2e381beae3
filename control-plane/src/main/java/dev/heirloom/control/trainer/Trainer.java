package dev.heirloom.control.trainer;

import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.TrainerClient;
import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.proto.v1.WorkAnswer;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.proto.v1.WorkReport;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A program that takes one job after the other: waits for one, works on it while it reports each
 * second, publishes the family, and begins again.
 */
public final class Trainer implements AutoCloseable {
  private static final long REPORT_MS = 1000;
  private static final long AFTER_FAILURE_MS = 1000;
  private static final long TIDY_NS = TimeUnit.HOURS.toNanos(1);

  /** An attempt that is to end looks whether it is far more often than this. */
  private static final long STUCK_NS = TimeUnit.MINUTES.toNanos(2);

  private final Workplace place;
  private final TrainerClient client;
  private final TrainerOptions options;
  private final BooleanSupplier stopped;
  private final Runnable giveUp;
  private final Consumer<String> say;
  private final ScheduledExecutorService reports =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "reports");
            thread.setDaemon(true);
            return thread;
          });
  private final Pauses pauses = new Pauses();
  private boolean silent;

  private Trainer(
      Workplace place,
      TrainerClient client,
      TrainerOptions options,
      BooleanSupplier stopped,
      Runnable giveUp,
      Consumer<String> say) {
    this.place = place;
    this.client = client;
    this.options = options;
    this.stopped = stopped;
    this.giveUp = giveUp;
    this.say = say;
  }

  /**
   * Claims a work directory.
   *
   * @param client closed with the trainer
   * @param stopped whether to end, asked often
   * @param giveUp runs where an attempt does not end although it is to: ends the process
   * @param say is given lines for people
   */
  public static Trainer at(
      Path directory,
      TrainerClient client,
      TrainerOptions options,
      BooleanSupplier stopped,
      Runnable giveUp,
      Consumer<String> say)
      throws IOException {
    return new Trainer(Workplace.claim(directory), client, options, stopped, giveUp, say);
  }

  /** The name that it goes by. */
  public String name() {
    return place.trainer();
  }

  /** Works until it is stopped, or has been idle for as long as it was allowed. */
  public void run() throws IOException, ControlPlaneException, InterruptedException {
    long idleSinceNs = System.nanoTime();
    long tidiedNs = idleSinceNs - TIDY_NS;
    while (!stopped.getAsBoolean() && !idleFor(System.nanoTime() - idleSinceNs)) {
      if (System.nanoTime() - tidiedNs >= TIDY_NS) {
        tidy();
        tidiedNs = System.nanoTime();
      }
      Optional<WorkOrder> order = next();
      if (order.isPresent()) {
        work(order.get());
        idleSinceNs = System.nanoTime();
      }
    }
  }

  private void tidy() {
    try {
      place.tidy(Instant.now());
    } catch (IOException | UncheckedIOException e) {
      say.accept("could not be tidied: " + e);
    }
  }

  /** The next job; a control plane that does not answer is waited for, and told of once. */
  private Optional<WorkOrder> next() throws ControlPlaneException, InterruptedException {
    try {
      Optional<WorkOrder> order = client.next(place.trainer(), stopped);
      silent = false;
      pauses.restart();
      return order;
    } catch (ControlPlaneException e) {
      if (!e.unreachable() && !e.busy()) {
        throw e;
      }
      if (!silent) {
        say.accept(String.valueOf(e.getMessage()));
      }
      silent = true;
      pauses.await(stopped);
      return Optional.empty();
    }
  }

  private boolean idleFor(long ns) {
    return options.idle().filter(most -> ns > most.toNanos()).isPresent();
  }

  private void work(WorkOrder order) throws InterruptedException {
    say.accept(order.getLease().getJob() + ": attempt " + order.getLease().getAttempt());
    try {
      work(order, place.home(order));
    } catch (IOException e) {
      tell(order, WorkEnd.Outcome.OUTCOME_FAILED, "its trainer could not keep it: " + describe(e));
    }
  }

  private void work(WorkOrder order, Path home) throws IOException, InterruptedException {
    String job = order.getLease().getJob();
    try (StepRecord record = StepRecord.open(home.resolve("steps"))) {
      WorkProgress progress =
          new WorkProgress(
              record, stopped, line -> say.accept(job + ": " + line), System::nanoTime);
      Reporting each = new Reporting(order, progress);
      ScheduledFuture<?> reporting =
          reports.scheduleWithFixedDelay(each, 0, REPORT_MS, TimeUnit.MILLISECONDS);
      try {
        attempt(order, home, progress);
      } finally {
        reporting.cancel(false);
      }
    }
  }

  private void attempt(WorkOrder order, Path home, WorkProgress progress)
      throws InterruptedException {
    try {
      new Attempt(order, home, client, options, progress).run();
      say.accept(order.getLease().getJob() + ": published");
      forget(order);
    } catch (CancelledException e) {
      ended(order, home, progress, WorkEnd.Outcome.OUTCOME_RELEASED, "its trainer stopped");
    } catch (RefusedException e) {
      String reasons = e.reasons().isEmpty() ? "" : ": " + String.join("; ", e.reasons());
      ended(order, home, progress, WorkEnd.Outcome.OUTCOME_REFUSED, e.getMessage() + reasons);
    } catch (MalformedException | IllegalArgumentException e) {
      ended(order, home, progress, WorkEnd.Outcome.OUTCOME_REFUSED, describe(e));
    } catch (IOException
        | SessionException
        | TrainingException
        | ControlPlaneException
        | RuntimeException e) {
      ended(order, home, progress, WorkEnd.Outcome.OUTCOME_FAILED, describe(e));
    } catch (OutOfMemoryError e) {
      ended(order, home, progress, WorkEnd.Outcome.OUTCOME_FAILED, "its trainer ran out of memory");
      throw e;
    } catch (LinkageError e) {
      ended(order, home, progress, WorkEnd.Outcome.OUTCOME_FAILED, "its trainer is broken: " + e);
      throw e;
    }
  }

  private static String describe(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void ended(
      WorkOrder order, Path home, WorkProgress progress, WorkEnd.Outcome outcome, String said)
      throws InterruptedException {
    if (progress.over().isPresent()) {
      say.accept(order.getLease().getJob() + ": given up, " + progress.over().get());
      return;
    }
    // Where a file lies on this machine is of no use to whoever uploaded it.
    tell(order, outcome, said.replace(Attempt.files(home) + File.separator, ""));
    if (outcome == WorkEnd.Outcome.OUTCOME_REFUSED) {
      forget(order);
    }
  }

  /** What a job left is removed with the time, where it is not now. */
  private void forget(WorkOrder order) {
    try {
      place.forget(order);
    } catch (IOException e) {
      say.accept(order.getLease().getJob() + ": could not be removed here: " + e);
    }
  }

  private void tell(WorkOrder order, WorkEnd.Outcome outcome, String reason)
      throws InterruptedException {
    say.accept(order.getLease().getJob() + ": " + reason);
    try {
      client.end(
          WorkEnd.newBuilder()
              .setLease(order.getLease())
              .setOutcome(outcome)
              .setReason(reason)
              .build());
    } catch (ControlPlaneException e) {
      // It finds out by itself: the next call asks for work, or the lease ends.
      say.accept(String.valueOf(e.getMessage()));
    }
    if (outcome == WorkEnd.Outcome.OUTCOME_FAILED) {
      Thread.sleep(AFTER_FAILURE_MS);
    }
  }

  /** What an attempt says each second; and whether it ends when it is to. */
  private final class Reporting implements Runnable {
    private final WorkOrder order;
    private final WorkProgress progress;
    private long cancelledNs;
    private boolean cancelled;

    Reporting(WorkOrder order, WorkProgress progress) {
      this.order = order;
      this.progress = progress;
    }

    @Override
    public void run() {
      if (progress.over().isEmpty()) {
        report();
      }
      if (!progress.cancelled()) {
        return;
      }
      if (!cancelled) {
        cancelled = true;
        cancelledNs = System.nanoTime();
      } else if (System.nanoTime() - cancelledNs > STUCK_NS) {
        say.accept(order.getLease().getJob() + ": does not end although it is to");
        giveUp.run();
      }
    }

    private void report() {
      try {
        WorkAnswer answer =
            client.report(
                WorkReport.newBuilder()
                    .setLease(order.getLease())
                    .setProgress(progress.message())
                    .build());
        if (!answer.getGoOn()) {
          progress.over(answer.getReason());
        }
      } catch (ControlPlaneException e) {
        // Else it is said again in a second; the work goes on meanwhile.
        if (e.denied()) {
          progress.over(String.valueOf(e.getMessage()));
        }
      } catch (RuntimeException e) {
        // An exception would end the reports.
        say.accept(order.getLease().getJob() + ": could not be reported on: " + e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    reports.shutdownNow();
    client.close();
    place.close();
  }
}
