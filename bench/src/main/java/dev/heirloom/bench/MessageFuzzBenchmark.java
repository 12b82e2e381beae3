package dev.heirloom.bench;

import dev.heirloom.bench.grpc.hostile.MessageCampaign;
import dev.heirloom.bench.grpc.hostile.SecuredCampaign;
import dev.heirloom.runtime.family.Family;
import java.util.List;

/**
 * Messages that no client should send, on every method of a control plane in a process of its own
 * and of an agent's port: changed field by field, no messages at all, too long, compressed bombs,
 * too few and too many, in no order, never ending, too fast, and HTTP/2 written by hand. Beside
 * them devices that do all as they should, applications and an operator.
 *
 * <p>Figures: {@code messages} that were answered as they should be; {@code disturbed}, those that
 * were not, and whatever the others noticed; {@code seconds} of the attack; {@code memory_mib} that
 * stay; {@code threads} at most; {@code log_mib}; {@code probe_ms_p99} of an operator's look at a
 * device meanwhile, {@code calm_probe_ms_p99} before; {@code inference_ms_p99} of applications.
 */
final class MessageFuzzBenchmark implements Benchmark {
  private static final long SEED = 2026;
  private static final MessageCampaign.Scale FULL =
      new MessageCampaign.Scale(90_000, 12_000, 800, 1500);
  private static final MessageCampaign.Scale QUICK =
      new MessageCampaign.Scale(6_000, 1_000, 80, 90);

  private static final long SECURED = 12_000;
  private static final long QUICK_SECURED = 1_000;

  @Override
  public String name() {
    return "message-fuzz";
  }

  @Override
  public String description() {
    return "hostile messages on every method, beside a fleet that must not notice";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atLeast("messages", 100_000),
        Goal.atMost("disturbed", 0),
        Goal.atMost("probe_ms_p99", 500),
        Goal.atMost("secured_probe_ms_p99", 500),
        Goal.atMost("inference_ms_p99", 500),
        Goal.atMost("memory_mib", 64),
        Goal.atMost("threads", 150),
        Goal.atMost("log_mib", 1));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Family family = UntrainedShapes.inherit(run);
    try (MessageCampaign campaign =
        MessageCampaign.start(
            run.seed().orElse(SEED),
            run.quick() ? QUICK : FULL,
            run.say(),
            run.directory().resolve("campaign"),
            family,
            run.launcher())) {
      if (run.only().isPresent()) {
        campaign.repeat(run.only().getAsLong());
        return Figures.none();
      }
      Figures open = campaign.run();
      run.say().accept("the same from nobody, where it is asked who calls");
      return both(open, secured(run, family));
    }
  }

  private static Figures secured(Run run, Family family) throws Exception {
    try (SecuredCampaign campaign =
        new SecuredCampaign(
            run.seed().orElse(SEED),
            run.say(),
            run.directory().resolve("secured"),
            family.manifest())) {
      return campaign.run(run.quick() ? QUICK_SECURED : SECURED);
    }
  }

  private static Figures both(Figures open, Figures secured) {
    Figures all = open.with(secured);
    for (String sum : List.of("messages", "disturbed")) {
      all = all.with(sum, open.value(sum).orElseThrow() + secured.value(sum).orElseThrow());
    }
    return all;
  }
}
