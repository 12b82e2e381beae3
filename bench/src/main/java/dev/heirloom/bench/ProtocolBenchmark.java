package dev.heirloom.bench;

import dev.heirloom.bench.protocol.ProtocolComparison;
import java.nio.file.Path;
import java.util.List;

/**
 * An agent as a client sees it that is another implementation of gRPC, with a definition of the
 * Open Inference Protocol of its own: every data type raw and typed, refusals, streams.
 *
 * <p>Figures: {@code calls}, requests; {@code mismatches}, answers that were not what the protocol
 * says, to the bit.
 */
final class ProtocolBenchmark implements Benchmark {
  private static final int ROUNDS = 1000;
  private static final int QUICK_ROUNDS = 50;

  @Override
  public String name() {
    return "protocol";
  }

  @Override
  public String description() {
    return "the Open Inference Protocol, as a client on Node.js finds it";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atMost("mismatches", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    ProtocolComparison compared =
        ProtocolComparison.run(
            run.directory(), Path.of(run.launcher()), run.quick() ? QUICK_ROUNDS : ROUNDS);
    compared.wrong().forEach(run.say());
    return Figures.none()
        .with("calls", (double) compared.calls())
        .with("mismatches", (double) compared.mismatches());
  }
}
