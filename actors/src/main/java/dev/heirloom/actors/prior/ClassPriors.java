package dev.heirloom.actors.prior;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Owns what is known of the speed of device classes. Twins feed it with what their devices
 * measured; it keeps nothing across restarts, because reconnecting devices fill it again.
 */
public final class ClassPriors extends AbstractBehavior<ClassPriors.Command> {

  /** What the owner of the priors accepts. */
  public sealed interface Command {}

  /**
   * A device measured its speed.
   *
   * @param key class of the device
   * @param family family that it serves
   * @param device name of the device; its earlier observation with the family is replaced
   * @param logRatio natural logarithm of request p95 over the ladder's latency
   */
  public record Observe(ClassKey key, String family, String device, double logRatio)
      implements Command {}

  /**
   * Asks what is known of a class; answers {@link ClassPrior#NONE} where nothing is.
   *
   * @param key class asked about
   * @param family family that its devices are to serve
   * @param replyTo gets the prior
   */
  public record GetPrior(ClassKey key, String family, ActorRef<ClassPrior> replyTo)
      implements Command {}

  /** Creates the owner, without any knowledge. */
  public static Behavior<Command> create() {
    return Behaviors.setup(ClassPriors::new);
  }

  private final ClassStatistics statistics = new ClassStatistics();

  private ClassPriors(ActorContext<Command> context) {
    super(context);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Observe.class, this::onObserve)
        .onMessage(GetPrior.class, this::onGetPrior)
        .build();
  }

  private Behavior<Command> onObserve(Observe command) {
    statistics.observe(command.key(), command.family(), command.device(), command.logRatio());
    return this;
  }

  private Behavior<Command> onGetPrior(GetPrior command) {
    command.replyTo().tell(statistics.prior(command.key(), command.family()));
    return this;
  }
}
