package dev.heirloom.bench;

import dev.heirloom.bench.grpc.InferenceLoad;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.demo.Budgets;
import dev.heirloom.control.demo.ChildProcess;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.runtime.family.Family;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An agent in a process of its own that is moved between its smallest and its largest rung again
 * and again while it answers requests through the Open Inference Protocol.
 *
 * <p>Figures: {@code failed_requests}, requests without an answer; {@code p99_ratio}, the 99th
 * percentile of the time to an answer of requests that were sent while a swap was under way, from
 * the order to the report, over that of the others; {@code rss_ratio}, the agent's resident memory
 * after the last hundred swaps over that after swaps 100 to 200, both as means; {@code swaps} and
 * {@code requests}, how many there were; {@code rss_mb}, the memory at the end.
 */
final class SwapsBenchmark implements Benchmark {
  private static final int SWAPS = 500;
  private static final int PART = 100;
  private static final int PER_SECOND = 200;
  private static final long PAUSE_MS = 250;
  private static final Duration WINDOW = Duration.ofMillis(500);
  private static final String DEVICE = "swapping-device";

  @Override
  public String name() {
    return "swaps";
  }

  @Override
  public String description() {
    return "requests, latency and memory of an agent through hundreds of swaps";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("failed_requests", 0),
        Goal.atMost("p99_ratio", 2),
        Goal.atMost("rss_ratio", 1.05));
  }

  /** From an order to the report that it is served, on the clock of {@link System#nanoTime}. */
  private record Span(long fromNs, long toNs) {
    boolean holds(long ns) {
      return ns >= fromNs && ns <= toNs;
    }
  }

  @Override
  public Figures run(Run run) throws Exception {
    Family family = UntrainedShapes.inherit(run);
    int top = family.ladder().size();
    int swaps = run.quick() ? 12 : SWAPS;
    int part = run.quick() ? 3 : PART;
    long budgetUs = new Budgets(family.ladder()).roomyNs() / 1000;
    int port = freePort();
    try (DemoFleet fleet = DemoFleet.start(run.directory());
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(family);
      ChildProcess agent =
          fleet.startAgent(
              DEVICE,
              UntrainedShapes.TRICKLE,
              WINDOW,
              List.of("--p95-budget", budgetUs + "us", "--serve", Integer.toString(port)));
      Pinning pinning = new Pinning(new Watched(run, fleet, watch));
      pinning.settled(DEVICE, 1);
      pinning.to(DEVICE, top);
      List<Span> spans = new ArrayList<>();
      List<Double> resident = new ArrayList<>();
      try (InferenceLoad load = new InferenceLoad(port, family.manifest())) {
        load.start(PER_SECOND);
        Thread.sleep(2000);
        for (int swap = 1; swap <= swaps; swap++) {
          long fromNs = System.nanoTime();
          pinning.to(DEVICE, swap % 2 == 0 ? top : 1);
          spans.add(new Span(fromNs, System.nanoTime()));
          resident.add((double) ResidentPeak.now(agent.pid()));
          if (swap % part == 0) {
            run.say().accept("%d swaps, %.1f MB".formatted(swap, resident.get(swap - 1) / 1e6));
          }
          Thread.sleep(PAUSE_MS);
        }
        List<InferenceLoad.Answered> answers = load.end();
        return figures(load, answers, spans, resident, part);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Figures figures(
      InferenceLoad load,
      List<InferenceLoad.Answered> answers,
      List<Span> spans,
      List<Double> resident,
      int part)
      throws CommandException {
    List<Double> during = new ArrayList<>();
    List<Double> outside = new ArrayList<>();
    int at = 0;
    List<InferenceLoad.Answered> bySending =
        answers.stream().sorted(Comparator.comparingLong(InferenceLoad.Answered::sentNs)).toList();
    for (InferenceLoad.Answered answer : bySending) {
      while (at < spans.size() && spans.get(at).toNs() < answer.sentNs()) {
        at++;
      }
      boolean swapping = at < spans.size() && spans.get(at).holds(answer.sentNs());
      (swapping ? during : outside).add(answer.ns() / 1e6);
    }
    if (during.isEmpty() || outside.isEmpty()) {
      throw new CommandException("no request was answered during a swap, or none outside");
    }
    Figures p99 =
        Figures.none()
            .withPercentile("during_p99_ms", 0.99, during)
            .withPercentile("outside_p99_ms", 0.99, outside);
    double ratio =
        p99.value("during_p99_ms").orElseThrow() / p99.value("outside_p99_ms").orElseThrow();
    double early = mean(resident.subList(part - 1, 2 * part));
    double late = mean(resident.subList(resident.size() - part, resident.size()));
    return p99.with("failed_requests", (double) load.unanswered())
        .with("p99_ratio", ratio)
        .with("rss_ratio", late / early)
        .with("rss_mb", resident.get(resident.size() - 1) / 1e6)
        .with("swaps", spans.size())
        .with("requests", answers.size());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
