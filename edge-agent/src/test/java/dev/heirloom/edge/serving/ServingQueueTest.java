package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.edge.fixture.OpenHeirs;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.serving.ServingQueue.Answer;
import dev.heirloom.edge.serving.ServingQueue.NotServedException;
import dev.heirloom.edge.serving.ServingQueue.NotWantedException;
import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.edge.serving.ServingQueue.Submission;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ServingQueueTest {
  private final SmallFamily family = SmallFamily.create();
  private final InService inService = new InService();
  private final ServingQueue queue = new ServingQueue(inService, System::nanoTime);
  private final OpenHeirs heirs;

  ServingQueueTest(@TempDir Path directory) throws IOException {
    heirs = new OpenHeirs(family, directory);
  }

  @AfterEach
  void close() throws IOException {
    queue.close();
    inService.clear().ifPresent(Tenure::retire);
    heirs.close();
  }

  private static Request request(String id, int batch) {
    return new Request(
        id,
        Map.of(
            "x",
            TensorValue.floats(
                new float[batch * SmallFamily.FEATURES], batch, SmallFamily.FEATURES)),
        List.of(),
        0,
        true);
  }

  private CompletableFuture<Answer> submit(Request request) {
    Submission submission = queue.submit(request);
    assertThat(submission).isInstanceOf(Submission.Accepted.class);
    return ((Submission.Accepted) submission).answer().toCompletableFuture();
  }

  @Test
  void answersAndMeasures() throws Exception {
    Tenure tenure = heirs.tenure(2);
    inService.swap(tenure);
    Answer answer = submit(request("r1", 3)).get();
    assertThat(answer.heir().rung()).isEqualTo(2);
    assertThat(Objects.requireNonNull(answer.outputs().get("y")).dims())
        .containsExactly(3, SmallFamily.CLASSES);
    assertThat(answer.requestNs()).isGreaterThanOrEqualTo(answer.sessionNs());
    Window window = tenure.recorder().roll(0, 0).build();
    assertThat(window.getRequest().getCount()).isEqualTo(1);
    assertThat(window.getMeanConfidence()).isBetween(0.25, 1.0);
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsNotRun() throws Exception {
    Tenure tenure = heirs.tenure(2);
    inService.swap(tenure);
    Request given = request("r1", 1);
    CompletableFuture<Answer> left =
        submit(new Request("r1", given.inputs(), List.of(), 0, true, () -> false));
    assertThatThrownBy(left::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(NotWantedException.class);
    assertThat(submit(request("r2", 1)).get().outputs()).containsKey("y");
    Window window = tenure.recorder().roll(0, 0).build();
    assertThat(window.getRequest().getCount()).isEqualTo(1);
  }

  @Test
  void numbersHaveNoConfidenceAndAwaitNoLabel(@TempDir Path directory) throws Exception {
    try (OpenHeirs numbers = new OpenHeirs(SmallFamily.ofNumbers(0), directory)) {
      Tenure tenure = numbers.tenure(2);
      inService.swap(tenure);
      submit(request("r1", 3)).get();
      assertThat(queue.label("r1", List.of(0L, 0L, 0L))).isEmpty();
      Window window = tenure.recorder().roll(0, 0).build();
      assertThat(window.getRequest().getCount()).isEqualTo(1);
      assertThat(window.getMeanConfidence()).isZero();
      inService.clear().ifPresent(Tenure::retire);
    }
  }

  @Test
  void labelsCountForTheTenureThatAnswered() throws Exception {
    Tenure tenure = heirs.tenure(2);
    inService.swap(tenure);
    submit(request("r1", 2)).get();
    assertThat(queue.label("unknown", List.of(0L))).isEmpty();
    assertThatThrownBy(() -> queue.label("r1", List.of(0L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 labels (expected: 2)");
    inService.swap(heirs.tenure(3));
    ServingQueue.Labelled labelled = queue.label("r1", List.of(0L, -1L)).orElseThrow();
    assertThat(labelled.labels()).isEqualTo(2);
    assertThat(labelled.right()).isLessThanOrEqualTo(1);
    assertThat(queue.label("r1", List.of(0L, 0L))).isEmpty();
    assertThat(tenure.recorder().roll(0, 0).getLabelled()).isEqualTo(2);
    tenure.retire();
  }

  /** Requests that wait together while the worker is held, in a queue that answers up to four. */
  private List<Answer> waitedTogether(Request... requests) throws Exception {
    InService held = new InService();
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Thread test = Thread.currentThread();
    LongSupplier clock =
        () -> {
          if (Thread.currentThread() != test) {
            begun.countDown();
            await(go);
          }
          return System.nanoTime();
        };
    try (ServingQueue batching = new ServingQueue(held, clock, 4)) {
      held.swap(heirs.tenure(3));
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      answers.add(submit(batching, request("first", 1)));
      begun.await();
      for (Request request : requests) {
        answers.add(submit(batching, request));
      }
      go.countDown();
      List<Answer> given = new ArrayList<>();
      for (CompletableFuture<Answer> answer : answers) {
        given.add(answer.get());
      }
      held.clear().ifPresent(Tenure::retire);
      return given.subList(1, given.size());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static CompletableFuture<Answer> submit(ServingQueue to, Request request) {
    return ((Submission.Accepted) to.submit(request)).answer().toCompletableFuture();
  }

  private static Request of(int batch, long seed) {
    Random random = new Random(seed);
    float[] values = new float[batch * SmallFamily.FEATURES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Request(
        "r" + seed,
        Map.of("x", TensorValue.floats(values, batch, SmallFamily.FEATURES)),
        List.of(),
        0,
        true);
  }

  private static TensorValue y(Answer answer) {
    return Objects.requireNonNull(answer.outputs().get("y"));
  }

  @Test
  void requestsThatWaitAreAnsweredByOneInferenceEachWithItsOwn() throws Exception {
    inService.swap(heirs.tenure(3));
    List<Request> requests = List.of(of(1, 1), of(3, 2), of(2, 3), of(1, 4), of(1, 5), of(2, 6));
    List<Answer> together = waitedTogether(requests.toArray(Request[]::new));
    for (int i = 0; i < requests.size(); i++) {
      TensorValue alone = y(submit(requests.get(i)).get());
      TensorValue joined = y(together.get(i));
      assertThat(joined.dims()).isEqualTo(alone.dims());
      assertThat(joined.toFloats())
          .usingComparatorWithPrecision(1e-5f)
          .containsExactly(alone.toFloats());
    }
    assertThat(together.subList(0, 4))
        .extracting(Answer::sessionNs)
        .containsOnly(together.get(0).sessionNs());
    assertThat(together.get(4).sessionNs()).isNotEqualTo(together.get(0).sessionNs());
  }

  @Test
  void requestsThatDoNotFitTogetherAreAnsweredApart() throws Exception {
    Request other = new Request("named", of(1, 2).inputs(), List.of("y"), 0, true);
    List<Answer> answers = waitedTogether(of(1, 1), other, of(1, 3));
    assertThat(answers).extracting(Answer::sessionNs).doesNotHaveDuplicates();
    assertThat(answers).allSatisfy(a -> assertThat(a.outputs()).containsOnlyKeys("y"));
  }

  @Test
  void oneBadRequestDoesNotFailThoseBesideIt() throws Exception {
    Request bad =
        new Request("bad", Map.of("x", TensorValue.floats(new float[5], 1, 5)), List.of(), 0, true);
    Request worse =
        new Request(
            "worse", Map.of("x", TensorValue.floats(new float[5], 1, 5)), List.of(), 0, true);
    assertThatThrownBy(() -> waitedTogether(bad, worse))
        .hasCauseInstanceOf(NotServedException.class);
    assertThat(waitedTogether(of(1, 1), of(1, 2))).hasSize(2);
  }

  @Test
  void fullQueueTurnsRequestsAwayAndCountsThem() throws Exception {
    Tenure tenure = heirs.tenure(1);
    inService.swap(tenure);
    CountDownLatch hold = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    Thread test = Thread.currentThread();
    // The worker reads the clock before it runs a session; there it is held.
    LongSupplier clock =
        () -> {
          if (Thread.currentThread() != test) {
            held.countDown();
            awaitUninterrupted(hold);
          }
          return System.nanoTime();
        };
    List<CompletableFuture<Answer>> accepted = new ArrayList<>();
    try (ServingQueue small = new ServingQueue(inService, clock)) {
      Submission last = small.submit(request("", 1));
      held.await();
      while (last instanceof Submission.Accepted taken) {
        accepted.add(taken.answer().toCompletableFuture());
        last = small.submit(request("", 1));
      }
      assertThat(accepted).hasSize(1 + 64);
      assertThat(((Submission.Rejected) last).reason()).contains("queue is full");
      hold.countDown();
      for (CompletableFuture<Answer> each : accepted) {
        each.get();
      }
    }
    Window window = tenure.recorder().roll(0, 0).build();
    assertThat(window.getErrors()).isEqualTo(1);
    assertThat(window.getRequest().getCount()).isEqualTo(65);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void requestTooLargeForTheQueueIsTurnedAway() {
    Request large = new Request("", request("", 1).inputs(), List.of(), 1L << 40, true);
    assertThat(queue.submit(large)).isInstanceOf(Submission.Rejected.class);
  }

  @Test
  void withoutAnHeirNothingIsServed() {
    assertThatThrownBy(() -> submit(request("", 1)).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(NotServedException.class)
        .hasMessageContaining("no heir is in service yet");
  }

  @Test
  void wrongShapeFailsTheRequestAlone() throws Exception {
    Tenure tenure = heirs.tenure(1);
    inService.swap(tenure);
    Request bad =
        new Request("", Map.of("x", TensorValue.floats(new float[5], 1, 5)), List.of(), 0, true);
    assertThatThrownBy(() -> submit(bad).get()).hasCauseInstanceOf(NotServedException.class);
    submit(request("", 1)).get();
    assertThat(tenure.recorder().roll(0, 0).getErrors()).isEqualTo(1);
  }

  @Test
  void swapsUnderLoadDropAndFailNothing() throws Exception {
    Tenure first = heirs.tenure(1);
    inService.swap(first);
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int swap = 0; swap < 8; swap++) {
      for (int i = 0; i < 20; i++) {
        Submission submission = queue.submit(request("", 1));
        if (submission instanceof Submission.Accepted accepted) {
          answers.add(accepted.answer().toCompletableFuture());
        }
      }
      Tenure old = inService.swap(heirs.tenure(1 + swap % 3)).orElseThrow();
      old.retire().toCompletableFuture().get();
      long counted = old.recorder().roll(0, 0).getRequest().getCount();
      assertThat(counted).isNotNegative();
    }
    assertThat(answers).hasSizeGreaterThan(8);
    for (CompletableFuture<Answer> answer : answers) {
      assertThat(answer.get().outputs()).containsKey("y");
    }
  }

  @Test
  void retiredHeirIsClosedWhenItsLastLeaseIsReturned() throws Exception {
    Tenure tenure = heirs.tenure(1);
    assertThat(tenure.acquire()).isTrue();
    CompletableFuture<Void> ended = tenure.retire().toCompletableFuture();
    assertThat(tenure.acquire()).isFalse();
    assertThat(ended).isNotDone();
    tenure.heir().session().run(request("", 1).inputs());
    tenure.release();
    assertThat(ended).isDone();
    assertThat(tenure.retire().toCompletableFuture()).isDone();
    assertThatThrownBy(() -> tenure.heir().session().run(request("", 1).inputs()))
        .hasMessageContaining("closed");
    assertThatThrownBy(tenure::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void pendingLabelsAreBounded() {
    PendingLabels pending = new PendingLabels();
    WindowRecorderStub stub = new WindowRecorderStub();
    for (int i = 0; i < PendingLabels.MOST + 10; i++) {
      pending.expect("r" + i, new PendingLabels.Answered(stub.recorder(), List.of(1)));
    }
    assertThat(pending.size()).isEqualTo(PendingLabels.MOST);
    assertThat(pending.find("r9")).isEmpty();
    assertThat(pending.find("r10")).isPresent();
  }

  @Test
  void replayOrderIsAPermutationThatIsTheSameAtEveryStart() {
    int[] order = new StreamReplay.Order(100, 9).shuffled();
    assertThat(order).isEqualTo(new StreamReplay.Order(100, 9).shuffled());
    assertThat(order).doesNotHaveDuplicates().hasSize(100);
    assertThat(order).isNotEqualTo(new StreamReplay.Order(100, 10).shuffled());
  }

  private record WindowRecorderStub() {
    dev.heirloom.edge.report.WindowRecorder recorder() {
      return new dev.heirloom.edge.report.WindowRecorder(
          new dev.heirloom.edge.slot.HeirIdentity(
              "f", dev.heirloom.runtime.family.Digest.of(new byte[0]), 1),
          new dev.heirloom.edge.slot.ProbeResult(0, 0, 0),
          dev.heirloom.proto.v1.Source.SOURCE_TRAFFIC,
          0,
          0);
    }
  }
}
