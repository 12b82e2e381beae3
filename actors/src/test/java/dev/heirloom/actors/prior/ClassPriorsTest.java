package dev.heirloom.actors.prior;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ClassPriorsTest {

  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final ClassKey KEY = new ClassKey("pi", 2, false);

  private final ActorRef<ClassPriors.Command> priors = KIT.spawn(ClassPriors.create());
  private final TestProbe<ClassPrior> replies = KIT.createTestProbe();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void knowsNothingOfAClassUnheardOf() {
    assertThat(prior(KEY)).isEqualTo(ClassPrior.NONE);
  }

  @Test
  void takesTheMedianOfTheDevices() {
    observe("a", 0.1);
    observe("b", 0.2);
    observe("c", 9.0);

    assertThat(prior(KEY).logRatio()).isEqualTo(0.2);
    assertThat(prior(KEY).devices()).isEqualTo(3);
  }

  @Test
  void replacesADevicesEarlierObservation() {
    observe("a", 0.1);
    observe("a", 0.5);

    assertThat(prior(KEY)).isEqualTo(new ClassPrior(0.5, 1));
  }

  @Test
  void keepsThreadCountsApart() {
    observe("a", 0.1);

    assertThat(prior(new ClassKey("pi", 4, false)).known()).isFalse();
  }

  @Test
  void remembersTheDevicesLastHeardOf() {
    for (int i = 0; i < Observed.MOST_DEVICES; i++) {
      observe("old-" + i, 1);
    }
    for (int i = 0; i < Observed.MOST_DEVICES; i++) {
      observe("new-" + i, 2);
    }

    assertThat(prior(KEY).logRatio()).isEqualTo(2);
    assertThat(prior(KEY).devices()).isEqualTo(Observed.MOST_DEVICES);
  }

  private void observe(String device, double logRatio) {
    priors.tell(new ClassPriors.Observe(KEY, "f", device, logRatio));
  }

  private ClassPrior prior(ClassKey key) {
    priors.tell(new ClassPriors.GetPrior(key, "f", replies.getRef()));
    return replies.receiveMessage();
  }
}
