package dev.heirloom.edge.serving;

import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.edge.serving.ServingQueue.Submission;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Replays labelled samples through the serving path at a steady rate, for ever, as an application
 * on the device would; gives each answer its label as feedback. Does not wait for answers.
 */
public final class StreamReplay implements AutoCloseable {
  private static final long SEED = 20_240_229;

  private final InService inService;
  private final ServingQueue queue;
  private final SampleSet samples;
  private final long intervalNs;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts to replay.
   *
   * @param samples raw, labelled
   * @param ratePerSecond requests a second, above 0
   */
  public StreamReplay(
      InService inService, ServingQueue queue, SampleSet samples, double ratePerSecond) {
    if (!(ratePerSecond > 0) || samples.size() == 0) {
      throw new IllegalArgumentException("rate: " + ratePerSecond + " (expected: above 0)");
    }
    this.inService = inService;
    this.queue = queue;
    this.samples = samples;
    this.intervalNs = Math.max(1, Math.round(1e9 / ratePerSecond));
    this.thread = new Thread(this::replay, "heirloom-stream");
    thread.setDaemon(true);
    thread.start();
  }

  private void replay() {
    int[] order = new Order(samples.size(), SEED).shuffled();
    long number = 0;
    long due = System.nanoTime();
    while (!closed) {
      long wait = due - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
        continue;
      }
      // A pause of the machine is not made up for by a burst.
      due = wait < -1_000_000_000L ? System.nanoTime() + intervalNs : due + intervalNs;
      int sample = order[(int) (number % order.length)];
      number++;
      Optional<Tenure> tenure = inService.tenure();
      if (tenure.isPresent()) {
        send("stream-" + number, sample, tenure.get());
      }
    }
  }

  private void send(String id, int sample, Tenure tenure) {
    Heir heir = tenure.heir();
    Map<String, TensorValue> inputs;
    try {
      inputs = heir.preprocessor().batch(samples, new int[] {sample});
    } catch (IllegalArgumentException e) {
      // The samples were read for another family's inputs.
      tenure.recorder().failed();
      return;
    }
    Submission submission = queue.submit(new Request(id, inputs, List.of(), 0, true));
    if (submission instanceof Submission.Accepted accepted && samples.labelled()) {
      List<Long> labels = labels(sample);
      accepted.answer().thenAccept(answer -> label(id, labels));
    }
  }

  private void label(String id, List<Long> labels) {
    try {
      queue.label(id, labels);
    } catch (IllegalArgumentException e) {
      // As many labels as this family's answers have are not in these samples.
    }
  }

  private List<Long> labels(int sample) {
    List<Long> labels = new ArrayList<>(samples.labelsPerSample());
    for (int position = 0; position < samples.labelsPerSample(); position++) {
      labels.add(samples.label(sample, position));
    }
    return labels;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** An order of samples that is the same at every start. */
  record Order(int size, long seed) {
    int[] shuffled() {
      int[] order = new int[size];
      for (int i = 0; i < size; i++) {
        order[i] = i;
      }
      Random random = new Random(seed);
      for (int i = size - 1; i > 0; i--) {
        int other = random.nextInt(i + 1);
        int moved = order[i];
        order[i] = order[other];
        order[other] = moved;
      }
      return order;
    }
  }
}
