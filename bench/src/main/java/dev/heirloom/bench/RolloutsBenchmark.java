package dev.heirloom.bench;

import dev.heirloom.bench.RolloutTrial.Result;
import dev.heirloom.bench.grpc.ModelledFleet;
import dev.heirloom.control.demo.DemoFamily;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Rollouts to a thousand devices (real streams, their windows made by a model) while the control
 * plane is killed (SIGKILL) at ten random moments of each: three of a bad version and one of a good
 * one.
 *
 * <p>Figures: {@code touched_ratio}, the largest share of the fleet that a bad version reached;
 * {@code returned_ratio}, the smallest share that serves the old version after one; {@code
 * seconds}, the longest time from the creation of such a rollout until everybody was back, kills
 * included; {@code halted}, bad versions that were halted in the canary; {@code completed_ratio},
 * the share of the fleet that serves the good version at its end; {@code good_seconds}, how long
 * that took; {@code kills}, those of all that met a rollout which was not over.
 */
final class RolloutsBenchmark implements Benchmark {
  private static final int DEVICES = 1000;
  private static final int QUICK_DEVICES = 200;
  private static final int CANARY = 10;
  private static final int QUICK_CANARY = 4;
  private static final int KILLS = 10;
  private static final int QUICK_KILLS = 2;

  @Override
  public String name() {
    return "rollouts";
  }

  @Override
  public String description() {
    return "bad versions are halted and taken back, good ones arrive, whoever is killed meanwhile";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("touched_ratio", 0.02),
        Goal.atLeast("returned_ratio", 1),
        Goal.atLeast("halted", 3),
        Goal.atLeast("completed_ratio", 1));
  }

  @Override
  public Figures run(Run run) throws Exception {
    run.say().accept("inheriting two versions of the demo's family, without fine-tuning");
    Family old = version(run, 120);
    Family target = version(run, 140);
    int devices = run.quick() ? QUICK_DEVICES : DEVICES;
    int kills = run.quick() ? QUICK_KILLS : KILLS;
    int canary = run.quick() ? QUICK_CANARY : CANARY;
    RolloutTrial trial = new RolloutTrial(run, old, target, devices, canary, kills);
    List<Result> bad =
        List.of(
            trial.run("accuracy", trial.model(0.05, 1, "")),
            trial.run("latency", trial.model(0, 2, "")),
            trial.run("self-test", trial.model(0, 1, ModelledFleet.FAILING)));
    Result good = trial.run("good", trial.model(0, 1, ""));
    double all = devices;
    return Figures.none()
        .with("touched_ratio", bad.stream().mapToDouble(r -> r.touched() / all).max().orElse(1))
        .with("returned_ratio", bad.stream().mapToDouble(r -> r.onOld() / all).min().orElse(0))
        .with("seconds", bad.stream().mapToDouble(Result::seconds).max().orElse(0))
        .with("halted", (double) bad.stream().filter(Result::haltedInCanary).count())
        .with("completed_ratio", good.completed() ? good.onTarget() / all : 0)
        .with("good_seconds", good.seconds())
        .with("kills", good.kills() + bad.stream().mapToInt(Result::kills).sum());
  }

  /** A version of the demo's family that was not fine-tuned. */
  static Family version(Run run, int images) throws Exception {
    Path directory = Files.createDirectory(run.directory().resolve("version-" + images));
    return new DemoFamily(3, 0, images, 60)
        .inherit(directory, new QuietProgress(run.interrupted()));
  }
}
