package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.Heir;
import dev.heirloom.edge.slot.HeirIdentity;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one way to the heir in service: a bounded queue and a worker that runs the session. A
 * request's latency counts from its arrival here to its answer.
 */
public final class ServingQueue implements AutoCloseable {
  private static final int MOST_WAITING = 64;
  private static final long STOP_MS = 600;
  private static final long MOST_WAITING_BYTES = 16L << 20;

  private final InService inService;
  private final LongSupplier nanoClock;
  private final int mostAtOnce;
  private final ArrayBlockingQueue<Job> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final PendingLabels pending = new PendingLabels();
  private final AtomicReference<@Nullable ShadowRun> shadow = new AtomicReference<>();
  private final Thread worker;
  private long waitingBytes;
  private volatile boolean closed;

  // Whose session turned out not to take several requests at once; of the worker alone.
  private @Nullable Tenure oneByOne;

  /**
   * A request for one inference.
   *
   * @param id by which a label may come later; empty where none will
   * @param inputs one value per input of the heir
   * @param outputs names of the outputs wanted; empty wants all
   * @param bytes size of the inputs
   * @param counted whether it belongs to the traffic that windows report
   * @param wanted whether it still waits for its answer; asked just before it is run
   */
  public record Request(
      String id,
      Map<String, TensorValue> inputs,
      List<String> outputs,
      long bytes,
      boolean counted,
      BooleanSupplier wanted) {
    public Request {
      inputs = Map.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }

    /** One that waits for its answer however long it takes. */
    public Request(
        String id,
        Map<String, TensorValue> inputs,
        List<String> outputs,
        long bytes,
        boolean counted) {
      this(id, inputs, outputs, bytes, counted, () -> true);
    }
  }

  /**
   * What the heir gave.
   *
   * @param requestNs from arrival to answer
   * @param sessionNs within the session
   */
  public record Answer(
      HeirIdentity heir, Map<String, TensorValue> outputs, long requestNs, long sessionNs) {}

  /** What became of a request. */
  public sealed interface Submission {
    /**
     * Waiting for its answer; fails with {@link NotServedException} or {@link NotWantedException}.
     */
    record Accepted(CompletionStage<Answer> answer) implements Submission {}

    /** Turned away at once. */
    record Rejected(String reason) implements Submission {}
  }

  /** An accepted request that got no answer; the message is one line. */
  public static final class NotServedException extends Exception {
    NotServedException(String message) {
      super(message);
    }
  }

  /** An accepted request that nobody waited for any more when its turn came. */
  public static final class NotWantedException extends Exception {
    NotWantedException() {
      super("nobody waits for the answer any more");
    }
  }

  private record Job(Request request, long arrivedNs, CompletableFuture<Answer> answer) {}

  /** Starts a worker that runs one request at a time. */
  public ServingQueue(InService inService, LongSupplier nanoClock) {
    this(inService, nanoClock, 1);
  }

  /**
   * Starts the worker.
   *
   * @param nanoClock monotonic
   * @param mostAtOnce how many of the requests that wait one inference may answer; none waits for
   *     others to come
   */
  public ServingQueue(InService inService, LongSupplier nanoClock, int mostAtOnce) {
    this.inService = inService;
    this.nanoClock = nanoClock;
    this.mostAtOnce = mostAtOnce;
    this.worker = new Thread(this::work, "heirloom-serving");
    worker.setDaemon(true);
    worker.start();
  }

  /** Takes a request, or turns it away if too much is waiting. */
  public Submission submit(Request request) {
    Job job = new Job(request, nanoClock.getAsLong(), new CompletableFuture<>());
    synchronized (waiting) {
      if (!closed && waitingBytes + request.bytes() <= MOST_WAITING_BYTES && waiting.offer(job)) {
        waitingBytes += request.bytes();
        return new Submission.Accepted(job.answer());
      }
    }
    if (request.counted()) {
      inService.tenure().ifPresent(tenure -> tenure.recorder().failed());
    }
    return new Submission.Rejected(
        closed
            ? "the agent is stopping"
            : "queue is full (%d requests or %d MiB)"
                .formatted(MOST_WAITING, MOST_WAITING_BYTES >> 20));
  }

  /**
   * Takes the labels of an earlier request.
   *
   * @return empty where the request is not, or no longer, known
   * @throws IllegalArgumentException if there are not as many labels as answers
   */
  public Optional<Labelled> label(String requestId, List<Long> labels) {
    Optional<PendingLabels.Answered> known = pending.find(requestId);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> classes = known.get().classes();
    if (labels.size() != classes.size()) {
      throw new IllegalArgumentException(
          labels.size() + " labels (expected: " + classes.size() + ")");
    }
    int right = Answers.met(classes, labels);
    pending.forget(requestId);
    ShadowRun run = shadow.get();
    if (run != null) {
      run.label(requestId, labels);
    }
    known.get().recorder().labelled(classes.size(), right);
    return Optional.of(new Labelled(classes.size(), right));
  }

  /** How many labels came with a request, and how many of them the heir had met. */
  public record Labelled(int labels, int right) {}

  private void work() {
    while (!closed) {
      List<Job> jobs = new ArrayList<>();
      try {
        jobs.add(taken(waiting.take()));
      } catch (InterruptedException e) {
        break;
      }
      if (wanted(jobs.get(0))) {
        serveAll(jobs);
      }
    }
    for (Job left = waiting.poll(); left != null; left = waiting.poll()) {
      left.answer().completeExceptionally(new NotServedException("the agent is stopping"));
    }
  }

  /** No request goes without an answer, whatever becomes of another one. */
  private void serveAll(List<Job> jobs) {
    try {
      serve(jobs);
    } catch (RuntimeException e) {
      NotServedException failure = new NotServedException(String.valueOf(e.getMessage()));
      jobs.forEach(job -> job.answer().completeExceptionally(failure));
    }
  }

  private Job taken(Job job) {
    synchronized (waiting) {
      waitingBytes -= job.request().bytes();
    }
    return job;
  }

  /** One that nobody waits for any more ends here. */
  private static boolean wanted(Job job) {
    if (job.request().wanted().getAsBoolean()) {
      return true;
    }
    job.answer().completeExceptionally(new NotWantedException());
    return false;
  }

  private void serve(List<Job> jobs) {
    Optional<Tenure> leased = inService.lease();
    if (leased.isEmpty()) {
      jobs.get(0)
          .answer()
          .completeExceptionally(new NotServedException("no heir is in service yet"));
      return;
    }
    Tenure tenure = leased.get();
    try {
      if (tenure != oneByOne) {
        joinThoseThatWait(jobs);
      }
      if (jobs.size() == 1 || !servedTogether(jobs, tenure)) {
        jobs.forEach(job -> serveAlone(job, tenure));
      }
    } finally {
      tenure.release();
    }
  }

  /** In the order of their arrival, up to the first that does not fit. */
  private void joinThoseThatWait(List<Job> jobs) {
    Request first = jobs.get(0).request();
    while (jobs.size() < mostAtOnce) {
      Job next = waiting.peek();
      if (next == null || !Batch.fits(first, next.request())) {
        return;
      }
      // Only the worker takes, so that this is the same.
      Job taken = taken(waiting.remove());
      if (wanted(taken)) {
        jobs.add(taken);
      }
    }
  }

  private boolean servedTogether(List<Job> jobs, Tenure tenure) {
    Batch batch = new Batch(jobs.stream().map(Job::request).toList());
    List<Map<String, TensorValue>> outputs;
    long begun = nanoClock.getAsLong();
    try {
      outputs = batch.apart(run(batch.inputs(), jobs.get(0).request().outputs(), tenure.heir()));
    } catch (SessionException | RuntimeException e) {
      // Whatever is wrong, one request must not fail for another's sake.
      oneByOne = tenure;
      return false;
    }
    long ended = nanoClock.getAsLong();
    for (int i = 0; i < jobs.size(); i++) {
      answer(jobs.get(i), tenure, outputs.get(i), begun, ended);
    }
    for (int i = 0; i < jobs.size(); i++) {
      shadowed(jobs.get(i), tenure, outputs.get(i), ended - begun);
    }
    return true;
  }

  private void serveAlone(Job job, Tenure tenure) {
    Map<String, TensorValue> outputs;
    long begun = nanoClock.getAsLong();
    try {
      outputs = run(job.request().inputs(), job.request().outputs(), tenure.heir());
    } catch (SessionException | RuntimeException e) {
      if (job.request().counted()) {
        tenure.recorder().failed();
      }
      job.answer().completeExceptionally(new NotServedException(String.valueOf(e.getMessage())));
      return;
    }
    long ended = nanoClock.getAsLong();
    answer(job, tenure, outputs, begun, ended);
    shadowed(job, tenure, outputs, ended - begun);
  }

  static Map<String, TensorValue> run(
      Map<String, TensorValue> inputs, List<String> outputs, Heir heir) throws SessionException {
    return outputs.isEmpty() ? heir.session().run(inputs) : heir.session().run(inputs, outputs);
  }

  private void answer(
      Job job, Tenure tenure, Map<String, TensorValue> outputs, long begun, long ended) {
    Answer answer =
        new Answer(tenure.heir().identity(), outputs, ended - job.arrivedNs(), ended - begun);
    if (job.request().counted()) {
      tenure.recorder().answered(answer.requestNs(), answer.sessionNs());
      score(job.request(), tenure, outputs);
    }
    job.answer().complete(answer);
  }

  private void shadowed(Job job, Tenure tenure, Map<String, TensorValue> outputs, long sessionNs) {
    ShadowRun run = shadow.get();
    if (run != null && job.request().counted()) {
      run.after(job.request(), tenure.heir(), outputs, sessionNs);
    }
  }

  /** From now on a candidate answers a share of the requests, too; one before it ends. */
  public void shadow(ShadowRun run) {
    endShadow(shadow.getAndSet(run));
    run.report().thenRun(() -> shadow.compareAndSet(run, null));
  }

  private static void endShadow(@Nullable ShadowRun run) {
    if (run != null) {
      run.close();
    }
  }

  private void score(Request request, Tenure tenure, Map<String, TensorValue> outputs) {
    Optional<Answers> said = Answers.of(tenure.heir(), outputs);
    if (said.isEmpty()) {
      return;
    }
    List<Integer> named = said.get().classes();
    tenure.recorder().scored(named.size(), said.get().confidence(), said.get().entropy());
    if (!request.id().isEmpty()) {
      pending.expect(request.id(), new PendingLabels.Answered(tenure.recorder(), named));
    }
  }

  /** Turns away what waits; the request that is being served is answered. */
  @Override
  public void close() {
    closed = true;
    endShadow(shadow.getAndSet(null));
    worker.interrupt();
    try {
      worker.join(STOP_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
