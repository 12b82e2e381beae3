package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.fixture.OpenHeirs;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadowRunTest {
  private final OpenHeirs heirs;
  private final Heir serving;

  ShadowRunTest(@TempDir Path directory) throws Exception {
    heirs = new OpenHeirs(SmallFamily.create(), directory);
    serving = heirs.open(1);
  }

  @AfterEach
  void close() throws Exception {
    serving.close();
    heirs.close();
  }

  private ShadowRun run(double share, double drawn, int requests) throws Exception {
    return new ShadowRun(heirs.open(3), share, requests, System::nanoTime, () -> drawn);
  }

  private static Request request(String id, int features) {
    float[] values = new float[features];
    values[1] = 2;
    return new Request(
        id, Map.of("x", TensorValue.floats(values, 1, features)), List.of(), 0, true);
  }

  private void answered(ShadowRun run, String id) throws Exception {
    Request request = request(id, SmallFamily.FEATURES);
    run.after(request, serving, serving.session().run(request.inputs()), 1_000);
  }

  private static ShadowReport.Builder found(ShadowRun run) {
    assertThat(run.report().toCompletableFuture()).isDone();
    return run.report().toCompletableFuture().join();
  }

  @Test
  void labelsCountWhetherTheyComeBeforeOrAfterTheCandidatesAnswer() throws Exception {
    ShadowRun run = run(1, 0.5, 2);
    run.label("early", List.of(0L));
    run.label("never asked", List.of(0L));
    answered(run, "early");
    assertThat(run.report().toCompletableFuture()).isNotDone();
    answered(run, "late");
    assertThat(run.report().toCompletableFuture()).as("ended by the second answer").isDone();

    ShadowRun other = run(1, 0.5, 3);
    answered(other, "early");
    answered(other, "late");
    other.label("late", List.of(0L));
    other.label("early", List.of(0L));
    other.close();
    assertThat(found(run).getLabelled()).isEqualTo(1);
    assertThat(found(other).getLabelled()).isEqualTo(2);
    assertThat(found(other).getCandidate().getCount()).isEqualTo(2);
  }

  @Test
  void aShareOfTheRequestsIsAnswered() throws Exception {
    ShadowRun run = run(0.3, 0.3, 1);
    answered(run, "r");
    run.close();
    assertThat(found(run).getCandidate().getCount()).isZero();
  }

  @Test
  void whatTheCandidateCannotAnswerEndsTheRunAndNothingElse() throws Exception {
    ShadowRun run = run(1, 0, 10);
    Request odd = request("odd", 5);
    run.after(odd, serving, Map.of(), 1_000);
    assertThat(found(run).getFailure()).contains("input x");
    run.after(odd, serving, Map.of(), 1_000);
    run.close();
    assertThat(found(run).getCandidate().getCount()).isZero();
  }
}
