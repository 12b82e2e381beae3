package dev.heirloom.actors.budget;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.heirloom.actors.fleet.Limits;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BudgetBookTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PersistenceId ID = PersistenceId.of("BudgetBook", "fleet");

  private final ActorTestKit kit =
      ActorTestKit.create(
          "book",
          ConfigFactory.parseString(
                  """
                  pekko.loglevel = WARNING
                  pekko.persistence.testkit.events.serialize = off
                  pekko.persistence.testkit.snapshots.serialize = off
                  """)
              .withFallback(PersistenceTestKitPlugin.config())
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ConfigFactory.load()));
  private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  private final ActorRef<Topic.Command<BudgetRules>> topic =
      kit.spawn(Topic.create(BudgetRules.class, "rules"));
  private final TestProbe<BudgetRules> changes = kit.createTestProbe();
  private final TestProbe<StatusReply<BudgetRules>> replies = kit.createTestProbe();
  private ActorRef<BudgetBook.Command> book = spawn();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private ActorRef<BudgetBook.Command> spawn() {
    return kit.spawn(BudgetBook.create(ID, topic, Clock.fixed(NOW, ZoneOffset.UTC)));
  }

  private StatusReply<BudgetRules> ask(
      Function<ActorRef<StatusReply<BudgetRules>>, BudgetBook.Command> command) {
    book.tell(command.apply(replies.getRef()));
    return replies.receiveMessage();
  }

  private static BudgetRule rule(String name, long p95LatencyNs) {
    Limits limits = new Limits(p95LatencyNs, Limits.ABSENT, Limits.ABSENT, Limits.ABSENT);
    return new BudgetRule(name, Map.of("site", "eu"), limits);
  }

  @Test
  void keepsTheRulesThroughARestart() {
    ask(replyTo -> new BudgetBook.SetRule(rule("a", 1), replyTo));
    ask(replyTo -> new BudgetBook.SetRule(rule("b", 2), replyTo));
    ask(replyTo -> new BudgetBook.SetRule(rule("a", 3), replyTo));
    BudgetRules before = ask(replyTo -> new BudgetBook.RemoveRule("b", replyTo)).getValue();
    kit.stop(book);
    book = spawn();

    assertThat(ask(BudgetBook.GetRules::new).getValue()).isEqualTo(before);
    assertThat(before.rules()).containsExactly(rule("a", 3));
    assertThat(journal.persistedInStorage(ID.id()))
        .last()
        .isEqualTo(new BudgetEvent.RuleRemoved(NOW.toEpochMilli(), "b"));
  }

  @Test
  void publishesEveryChangeWithALargerVersion() {
    topic.tell(Topic.subscribe(changes.getRef()));
    ask(replyTo -> new BudgetBook.SetRule(rule("a", 1), replyTo));
    BudgetRules first = changes.receiveMessage();
    ask(replyTo -> new BudgetBook.SetRule(rule("a", 1), replyTo));
    ask(replyTo -> new BudgetBook.RemoveRule("a", replyTo));
    BudgetRules second = changes.receiveMessage();

    assertThat(first.rules()).containsExactly(rule("a", 1));
    assertThat(second.rules()).isEmpty();
    assertThat(second.version()).isEqualTo(first.version() + 1);
  }

  @Test
  void refusesToRemoveWhatIsNotThere() {
    assertThat(ask(replyTo -> new BudgetBook.RemoveRule("a", replyTo)).getError())
        .hasMessage("there is no budget rule a");
  }

  @Test
  void refusesMoreRulesThanFitButStillReplacesOne() {
    for (int i = 0; i < BudgetRules.MOST_RULES; i++) {
      BudgetRule rule = rule("r" + i, 1);
      ask(replyTo -> new BudgetBook.SetRule(rule, replyTo));
    }

    assertThat(ask(replyTo -> new BudgetBook.SetRule(rule("more", 1), replyTo)).isError()).isTrue();
    List<BudgetRule> rules =
        ask(replyTo -> new BudgetBook.SetRule(rule("r7", 2), replyTo)).getValue().rules();
    assertThat(rules).hasSize(BudgetRules.MOST_RULES).contains(rule("r7", 2));
  }
}
