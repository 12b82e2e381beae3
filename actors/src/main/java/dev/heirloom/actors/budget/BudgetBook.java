package dev.heirloom.actors.budget;

import java.time.Clock;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;

/**
 * The one entity that owns the fleet's budget rules. It has one state; every change is an event,
 * and is published whole to a topic that each node follows.
 */
public final class BudgetBook
    extends EventSourcedBehavior<BudgetBook.Command, BudgetEvent, BudgetRules> {

  /** What the book accepts. */
  public sealed interface Command {}

  /** Makes a rule, or replaces the one of the same name. */
  public record SetRule(BudgetRule rule, ActorRef<StatusReply<BudgetRules>> replyTo)
      implements Command {}

  /** Removes a rule; refused where there is none of that name. */
  public record RemoveRule(String name, ActorRef<StatusReply<BudgetRules>> replyTo)
      implements Command {}

  /** Asks for every rule. */
  public record GetRules(ActorRef<StatusReply<BudgetRules>> replyTo) implements Command {}

  /** Key of the book under cluster sharding. */
  public static final EntityTypeKey<Command> TYPE =
      EntityTypeKey.create(Command.class, "BudgetBook");

  private static final String ENTITY = "fleet";
  private static final int EVENTS_PER_SNAPSHOT = 100;

  /**
   * Creates the book.
   *
   * @param changes topic that every change is published to
   * @param clock the control plane's clock
   */
  public static Behavior<Command> create(
      PersistenceId id, ActorRef<Topic.Command<BudgetRules>> changes, Clock clock) {
    return Behaviors.setup(context -> new BudgetBook(id, changes, clock));
  }

  /** Makes the book known on this node. */
  public static EntityRef<Command> init(
      ClusterSharding sharding,
      ClusterShardingSettings settings,
      ActorRef<Topic.Command<BudgetRules>> changes,
      Clock clock) {
    sharding.init(
        Entity.of(
                TYPE,
                entity ->
                    create(PersistenceId.of(TYPE.name(), entity.getEntityId()), changes, clock))
            .withSettings(settings.withNoPassivationStrategy().withRememberEntities(false)));
    return sharding.entityRefFor(TYPE, ENTITY);
  }

  private final ActorRef<Topic.Command<BudgetRules>> changes;
  private final Clock clock;

  private BudgetBook(PersistenceId id, ActorRef<Topic.Command<BudgetRules>> changes, Clock clock) {
    super(
        id,
        SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2));
    this.changes = changes;
    this.clock = clock;
  }

  @Override
  public BudgetRules emptyState() {
    return BudgetRules.NONE;
  }

  @Override
  public CommandHandler<Command, BudgetEvent, BudgetRules> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(SetRule.class, this::onSetRule)
        .onCommand(RemoveRule.class, this::onRemoveRule)
        .onCommand(GetRules.class, this::onGetRules)
        .build();
  }

  @Override
  public EventHandler<BudgetRules, BudgetEvent> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(BudgetEvent.RuleSet.class, (rules, event) -> rules.with(event.rule()))
        .onEvent(BudgetEvent.RuleRemoved.class, (rules, event) -> rules.without(event.name()))
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(EVENTS_PER_SNAPSHOT, 2);
  }

  private Effect<BudgetEvent, BudgetRules> onSetRule(BudgetRules rules, SetRule command) {
    BudgetRule rule = command.rule();
    if (rules.find(rule.name()).filter(rule::equals).isPresent()) {
      return answer(rules, command.replyTo());
    }
    if (rules.find(rule.name()).isEmpty() && rules.rules().size() >= BudgetRules.MOST_RULES) {
      command
          .replyTo()
          .tell(
              StatusReply.error(
                  "there are " + BudgetRules.MOST_RULES + " budget rules already, as many as fit"));
      return Effect().none();
    }
    return commit(new BudgetEvent.RuleSet(clock.millis(), rule), command.replyTo());
  }

  private Effect<BudgetEvent, BudgetRules> onRemoveRule(BudgetRules rules, RemoveRule command) {
    if (rules.find(command.name()).isEmpty()) {
      command.replyTo().tell(StatusReply.error("there is no budget rule " + command.name()));
      return Effect().none();
    }
    return commit(new BudgetEvent.RuleRemoved(clock.millis(), command.name()), command.replyTo());
  }

  private Effect<BudgetEvent, BudgetRules> onGetRules(BudgetRules rules, GetRules command) {
    return answer(rules, command.replyTo());
  }

  private Effect<BudgetEvent, BudgetRules> answer(
      BudgetRules rules, ActorRef<StatusReply<BudgetRules>> replyTo) {
    replyTo.tell(StatusReply.success(rules));
    return Effect().none();
  }

  private Effect<BudgetEvent, BudgetRules> commit(
      BudgetEvent event, ActorRef<StatusReply<BudgetRules>> replyTo) {
    return Effect()
        .persist(event)
        .thenRun(
            (BudgetRules after) -> {
              changes.tell(Topic.publish(after));
              replyTo.tell(StatusReply.success(after));
            });
  }
}
