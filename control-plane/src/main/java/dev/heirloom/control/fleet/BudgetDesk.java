package dev.heirloom.control.fleet;

import dev.heirloom.actors.budget.BudgetBook;
import dev.heirloom.actors.budget.BudgetRules;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.pattern.StatusReply;

/**
 * The budget rules as this node knows them, and the way to change them. Every node follows the
 * book's changes. Thread-safe.
 */
public final class BudgetDesk implements Supplier<BudgetRules> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final EntityRef<BudgetBook.Command> book;
  private volatile BudgetRules known = BudgetRules.NONE;

  private BudgetDesk(EntityRef<BudgetBook.Command> book) {
    this.book = book;
  }

  /**
   * Follows the rules on this node.
   *
   * @param changed told of each change
   */
  static BudgetDesk open(
      ActorSystem<?> system, ClusterSharding sharding, Consumer<BudgetRules> changed) {
    ActorRef<Topic.Command<BudgetRules>> changes =
        system.systemActorOf(
            Topic.create(BudgetRules.class, "budget-rules"), "budget-rules", Props.empty());
    BudgetDesk desk =
        new BudgetDesk(
            BudgetBook.init(
                sharding, ClusterShardingSettings.create(system), changes, Clock.systemUTC()));
    ActorRef<BudgetRules> follower =
        system.systemActorOf(
            Behaviors.receiveMessage(
                rules -> {
                  changed.accept(desk.learn(rules));
                  return Behaviors.same();
                }),
            "budget-rules-follower",
            Props.empty());
    changes.tell(Topic.subscribe(follower));
    return desk;
  }

  private synchronized BudgetRules learn(BudgetRules rules) {
    known = known.newer(rules);
    return known;
  }

  /** The newest rules that this node has heard of. */
  @Override
  public BudgetRules get() {
    return known;
  }

  /** Asks the book what the rules are, as after a start. */
  public CompletionStage<BudgetRules> refresh() {
    return ask(BudgetBook.GetRules::new);
  }

  /** Asks the book; its answer is known here, too. */
  public CompletionStage<BudgetRules> ask(
      Function<ActorRef<StatusReply<BudgetRules>>, BudgetBook.Command> command) {
    return book.<BudgetRules>askWithStatus(command::apply, PATIENCE).thenApply(this::learn);
  }
}
