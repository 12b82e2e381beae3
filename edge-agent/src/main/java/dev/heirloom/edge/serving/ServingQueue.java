package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.HeirIdentity;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.measure.Scores;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

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
  private final ArrayBlockingQueue<Job> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final PendingLabels pending = new PendingLabels();
  private final Thread worker;
  private long waitingBytes;
  private volatile boolean closed;

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

  /**
   * Starts the worker.
   *
   * @param nanoClock monotonic
   */
  public ServingQueue(InService inService, LongSupplier nanoClock) {
    this.inService = inService;
    this.nanoClock = nanoClock;
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
    int right = 0;
    for (int i = 0; i < classes.size(); i++) {
      right += labels.get(i) == (long) classes.get(i) ? 1 : 0;
    }
    pending.forget(requestId);
    known.get().recorder().labelled(classes.size(), right);
    return Optional.of(new Labelled(classes.size(), right));
  }

  /** How many labels came with a request, and how many of them the heir had met. */
  public record Labelled(int labels, int right) {}

  private void work() {
    while (!closed) {
      Job job;
      try {
        job = waiting.take();
      } catch (InterruptedException e) {
        break;
      }
      synchronized (waiting) {
        waitingBytes -= job.request().bytes();
      }
      serve(job);
    }
    for (Job left = waiting.poll(); left != null; left = waiting.poll()) {
      left.answer().completeExceptionally(new NotServedException("the agent is stopping"));
    }
  }

  private void serve(Job job) {
    if (!job.request().wanted().getAsBoolean()) {
      job.answer().completeExceptionally(new NotWantedException());
      return;
    }
    Optional<Tenure> leased = inService.lease();
    if (leased.isEmpty()) {
      job.answer().completeExceptionally(new NotServedException("no heir is in service yet"));
      return;
    }
    Tenure tenure = leased.get();
    try {
      Answer answer = run(job, tenure);
      job.answer().complete(answer);
    } catch (SessionException | RuntimeException e) {
      if (job.request().counted()) {
        tenure.recorder().failed();
      }
      job.answer().completeExceptionally(new NotServedException(String.valueOf(e.getMessage())));
    } finally {
      tenure.release();
    }
  }

  private Answer run(Job job, Tenure tenure) throws SessionException {
    Request request = job.request();
    long begun = nanoClock.getAsLong();
    Map<String, TensorValue> outputs =
        request.outputs().isEmpty()
            ? tenure.heir().session().run(request.inputs())
            : tenure.heir().session().run(request.inputs(), request.outputs());
    long ended = nanoClock.getAsLong();
    Answer answer =
        new Answer(tenure.heir().identity(), outputs, ended - job.arrivedNs(), ended - begun);
    if (request.counted()) {
      tenure.recorder().answered(answer.requestNs(), answer.sessionNs());
      score(request, tenure, outputs);
    }
    return answer;
  }

  private void score(Request request, Tenure tenure, Map<String, TensorValue> outputs) {
    Purpose purpose = Purpose.of(tenure.heir().manifest());
    if (!purpose.namesClasses()) {
      return;
    }
    TensorValue scores =
        outputs.get(
            purpose.output().isEmpty()
                ? tenure.heir().manifest().getOutputs(0).getName()
                : purpose.output());
    if (scores == null || scores.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      return;
    }
    int classes = Math.toIntExact(scores.dims()[scores.dims().length - 1]);
    int rows = scores.elements() / classes;
    List<Integer> named = new ArrayList<>(rows);
    double confidence = 0;
    double entropy = 0;
    FloatBuffer values = scores.floatBuffer();
    for (int row = 0; row < rows; row++) {
      Scores said = Scores.of(values, row * classes, classes);
      named.add(said.best());
      confidence += said.confidence();
      entropy += said.entropy();
    }
    tenure.recorder().scored(rows, confidence, entropy);
    if (!request.id().isEmpty()) {
      pending.expect(request.id(), new PendingLabels.Answered(tenure.recorder(), named));
    }
  }

  /** Turns away what waits; the request that is being served is answered. */
  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    try {
      worker.join(STOP_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
