package dev.heirloom.actors.simulation;

import dev.heirloom.actors.adaptation.Choice;
import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.adaptation.Terms;
import dev.heirloom.actors.adaptation.Verdict;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.prior.ClassStatistics;
import java.util.Set;

/**
 * A rank policy with what surrounds it in a control plane: a state per device, and the knowledge of
 * device classes. As a twin does, a device asks for its class's prior whenever it connects, and
 * tells its class what it learnt after every window that the policy counted.
 */
final class PolicyStrategy implements Strategy {

  private final String name;
  private final RankPolicy policy;

  PolicyStrategy(String name, RankPolicy policy) {
    this.name = name;
    this.policy = policy;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "the rank policy with the knowledge of device classes, as the control plane runs it";
  }

  @Override
  public Field begin() {
    ClassStatistics statistics = new ClassStatistics();
    return device -> new Twin(policy, statistics, device);
  }

  private static final class Twin implements Contender {
    private static final String FAMILY = "simulated";

    private final RankPolicy policy;
    private final ClassStatistics statistics;
    private final DeviceSight device;
    private final ClassKey key;
    private Terms terms;
    private PolicyState state = PolicyState.BLANK;
    private int desired;

    Twin(RankPolicy policy, ClassStatistics statistics, DeviceSight device) {
      this.policy = policy;
      this.statistics = statistics;
      this.device = device;
      this.key = ClassKey.of(device.profile());
      this.terms = terms(ClassPrior.NONE);
    }

    private Terms terms(ClassPrior prior) {
      return new Terms(device.ladder(), device.profile(), device.budget(), prior, Set.of());
    }

    @Override
    public int connected() {
      terms = terms(statistics.prior(key, FAMILY));
      if (desired == 0) {
        take(policy.first(terms, state));
      }
      return desired;
    }

    @Override
    public int decide(WindowReport window) {
      int measured = state.speed().windows();
      take(policy.decide(terms, state, window));
      tellClass(measured);
      return desired;
    }

    @Override
    public void learn(WindowReport window) {
      int measured = state.speed().windows();
      state = policy.learn(terms, state, window);
      tellClass(measured);
    }

    private void take(Verdict verdict) {
      state = verdict.next();
      desired = verdict.choice().map(Choice::rung).orElse(desired);
    }

    /** When and what a twin tells. */
    private void tellClass(int measuredBefore) {
      if (state.speed().windows() > measuredBefore) {
        statistics.observe(key, FAMILY, device.name(), state.speed().logRatio());
      }
    }
  }
}
