package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.TrainerClient;
import dev.heirloom.control.trainer.Trainer;
import dev.heirloom.control.trainer.TrainerOptions;
import dev.heirloom.runtime.text.Quantity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom trainer}: works on jobs until it is interrupted. */
@Command(
    name = "trainer",
    description = "Works on the jobs of a control plane, on this machine or another.")
final class TrainerCommand implements Callable<Integer> {
  /** What this process returns where its work does not end although it is to. */
  private static final int STUCK = 75;

  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--work",
      required = true,
      paramLabel = "DIR",
      description = "Where files, checkpoints and finished families lie; of one trainer alone.")
  private Path work = Path.of("");

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "auto, cpu or cuda, for training (${DEFAULT-VALUE}).")
  private String device = "auto";

  @Option(names = "--threads", paramLabel = "N", description = "(this machine's cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "SECONDS",
      description = "How often the fine-tune is kept (${DEFAULT-VALUE}).")
  private int checkpointEvery = Math.toIntExact(TrainerOptions.CHECKPOINT_EVERY.toSeconds());

  @Option(
      names = "--idle-exit",
      paramLabel = "TIME",
      description = "End after so long without a job, e.g. 10m (never).")
  private @Nullable String idleExit;

  @Option(names = "--until-input-ends", hidden = true)
  private boolean untilInputEnds;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TrainerCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    TrainerOptions options = options();
    AtomicBoolean inputEnded = new AtomicBoolean();
    if (untilInputEnds) {
      Thread input = new Thread(() -> awaitEnd(inputEnded), "input");
      input.setDaemon(true);
      input.start();
    }
    try (Trainer trainer =
        Trainer.at(
            work,
            new TrainerClient(plane.connect()),
            options,
            () -> inputEnded.get() || context.interruption().requested(),
            () -> Runtime.getRuntime().halt(STUCK),
            line -> context.streams().messages().println(line))) {
      context.streams().messages().println("trainer " + trainer.name() + " for " + plane.address());
      trainer.run();
    }
    return 0;
  }

  /** Whoever started this process holds the other end until its own end. */
  private static void awaitEnd(AtomicBoolean ended) {
    try {
      while (System.in.read() >= 0) {
        // What is said there does not matter.
      }
    } catch (IOException e) {
      // As good as an end.
    }
    ended.set(true);
  }

  private TrainerOptions options() {
    if (!List.of("auto", "cpu", "cuda").contains(device)) {
      throw usage("--device: '" + device + "' (expected: auto, cpu or cuda)");
    }
    if (threads < 1) {
      throw usage("--threads: " + threads + " (expected: 1 or more)");
    }
    if (checkpointEvery < 0) {
      throw usage("--checkpoint-every: " + checkpointEvery + " (expected: 0 or more)");
    }
    try {
      return new TrainerOptions(
          device,
          threads,
          Duration.ofSeconds(checkpointEvery),
          Optional.ofNullable(idleExit).map(Quantity::duration));
    } catch (IllegalArgumentException e) {
      throw usage("--idle-exit: " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
