package dev.heirloom.actors.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.twin.DeviceTwin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FleetViewTest {

  private static final PublishedFamily FAMILY = Fixtures.family("f", "1", 6);

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<DeviceTwin.Command> twins = kit.createTestProbe();
  private final TestProbe<Page> pages = kit.createTestProbe();
  private final TestProbe<DeviceStatus> subscriber = kit.createTestProbe();
  private final ActorRef<Topic.Command<DeviceStatus>> topic =
      kit.spawn(Topic.create(DeviceStatus.class, "statuses"));
  private final ActorRef<FleetView.Command> view =
      kit.spawn(FleetView.create(topic, name -> twins.getRef()));

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void listsDevicesByNameInPages() {
    seed("b", "a", "c");

    Page first = list(Map.of(), "", 2);
    Page second = list(Map.of(), first.next(), 2);

    assertThat(first.devices()).extracting(DeviceStatus::name).containsExactly("a", "b");
    assertThat(first.next()).isEqualTo("b");
    assertThat(second.devices()).extracting(DeviceStatus::name).containsExactly("c");
    assertThat(second.next()).isEmpty();
  }

  @Test
  void listsOnlyDevicesWithEveryLabelOfTheSelector() {
    seed("north-1", "south-1");

    assertThat(list(Map.of("site", "north"), "", 10).devices())
        .extracting(DeviceStatus::name)
        .containsExactly("north-1");
  }

  @Test
  void listsByAFigureInPagesThatSurviveTheEndOfTheLastDevice() {
    seed("a", "b", "c", "d");
    subscribeAnd(status("a", 3, 2), status("b", 1, 2), status("c", 3, 2), status("d", 2, 2));
    DeviceOrder order = DeviceOrder.parse("-rung").orElseThrow();

    Page first = list(order, Optional.empty(), 2);
    assertThat(first.devices()).extracting(DeviceStatus::name).containsExactly("a", "c");
    assertThat(first.total()).isEqualTo(4);

    subscribeAnd(first.devices().get(1).gone());
    Page second = list(order, order.place(first.next()), 2);
    assertThat(second.devices()).extracting(DeviceStatus::name).containsExactly("d", "b");
    assertThat(second.next()).isEmpty();
    assertThat(second.total()).isEqualTo(3);
  }

  @Test
  void knowsItsOrdersAndRefusesTokensOfOthers() {
    assertThat(DeviceOrder.parse("")).hasValue(DeviceOrder.BY_NAME);
    for (String key : DeviceOrder.KEYS.split(", ", -1)) {
      assertThat(DeviceOrder.parse("-" + key))
          .hasValueSatisfying(o -> assertThat(o.descending()).isTrue());
    }
    assertThat(DeviceOrder.parse("size")).isEmpty();
    assertThat(DeviceOrder.parse("rung").orElseThrow().place("not*base64")).isEmpty();
    assertThat(DeviceOrder.parse("rung").orElseThrow().place("YQ")).isEmpty();
  }

  @Test
  void forgetsADeviceThatWasRemovedAndTellsSubscribers() {
    seed("a", "b");
    subscribeAnd(status("a", 1, 2).gone());

    assertThat(list(Map.of(), "", 10).devices())
        .extracting(DeviceStatus::name)
        .containsExactly("b");
    TestProbe<List<String>> names = kit.createTestProbe();
    view.tell(new FleetView.ListNames(Map.of("site", "north"), names.getRef()));
    assertThat(names.receiveMessage()).containsExactly("b");
  }

  @Test
  void isNotBroughtBackByAnAnswerFromBeforeTheRemoval() {
    view.tell(new FleetView.Subscribe(subscriber.getRef(), Map.of()));
    view.tell(new FleetView.Seed(List.of("a")));
    DeviceTwin.GetStatus asked = twins.expectMessageClass(DeviceTwin.GetStatus.class);
    change(status("a", 1, 2).gone());
    assertThat(subscriber.receiveMessage().removed()).isTrue();
    asked.replyTo().tell(StatusReply.success(status("a", 1, 2)));
    TestProbe<Done> seeded = kit.createTestProbe();
    view.tell(new FleetView.AwaitSeeded(seeded.getRef()));
    seeded.receiveMessage();

    assertThat(list(Map.of(), "", 10).devices()).isEmpty();
  }

  /** Publishes changes and waits until the view has them. */
  private void subscribeAnd(DeviceStatus... statuses) {
    TestProbe<DeviceStatus> arrivals = kit.createTestProbe();
    view.tell(new FleetView.Subscribe(arrivals.getRef(), Map.of()));
    arrivals.receiveSeveralMessages(list(Map.of(), "", 100).devices().size());
    for (DeviceStatus status : statuses) {
      change(status);
      arrivals.receiveMessage();
    }
    arrivals.stop();
  }

  private Page list(DeviceOrder order, Optional<DeviceOrder.Place> after, int limit) {
    view.tell(new FleetView.ListDevices(Map.of(), order, after, limit, pages.getRef()));
    return pages.receiveMessage();
  }

  @Test
  void tellsASubscriberEveryDeviceOnceAndThenEachChange() {
    seed("a");
    view.tell(new FleetView.Subscribe(subscriber.getRef(), Map.of()));
    assertThat(subscriber.receiveMessage().reportedRung()).isEqualTo(1);

    change(status("a", 3, 2));

    assertThat(subscriber.receiveMessage().reportedRung()).isEqualTo(3);
  }

  @Test
  void survivesTheEndOfASubscriber() {
    view.tell(new FleetView.Subscribe(subscriber.getRef(), Map.of()));
    subscriber.stop();

    seed("a");

    assertThat(list(Map.of(), "", 10).devices()).hasSize(1);
  }

  @Test
  void summarisesTheFleet() {
    seed("a", "b");
    view.tell(new FleetView.Subscribe(subscriber.getRef(), Map.of()));
    subscriber.receiveSeveralMessages(2);
    change(status("c", 3, 12));
    subscriber.receiveMessage();
    TestProbe<FleetSummary> summaries = kit.createTestProbe();
    view.tell(new FleetView.Summarise(summaries.getRef()));

    FleetSummary summary = summaries.receiveMessage();

    assertThat(summary.devices()).isEqualTo(3);
    assertThat(summary.online()).isEqualTo(3);
    assertThat(summary.overBudget()).isEqualTo(1);
    assertThat(summary.byRung()).containsExactly(Map.entry(1, 2), Map.entry(3, 1));
  }

  @Test
  void asksOnlySomeTwinsAtATime() {
    view.tell(new FleetView.Seed(IntStream.range(0, 100).mapToObj(i -> "device-" + i).toList()));

    twins.receiveSeveralMessages(64);
    twins.expectNoMessage();
  }

  @Test
  void goesOnWhenATwinRefuses() {
    view.tell(new FleetView.Subscribe(subscriber.getRef(), Map.of()));
    view.tell(new FleetView.Seed(List.of("gone", "a")));
    twins
        .expectMessageClass(DeviceTwin.GetStatus.class)
        .replyTo()
        .tell(StatusReply.error("device gone is not enrolled"));
    answer("a");

    assertThat(subscriber.receiveMessage().name()).isEqualTo("a");
  }

  private void seed(String... names) {
    TestProbe<DeviceStatus> arrivals = kit.createTestProbe();
    view.tell(new FleetView.Subscribe(arrivals.getRef(), Map.of()));
    view.tell(new FleetView.Seed(List.of(names)));
    for (String name : names) {
      answer(name);
    }
    arrivals.receiveSeveralMessages(names.length);
  }

  private void answer(String name) {
    twins
        .expectMessageClass(DeviceTwin.GetStatus.class)
        .replyTo()
        .tell(StatusReply.success(status(name, 1, 2)));
  }

  private void change(DeviceStatus status) {
    topic.tell(Topic.publish(status));
  }

  private Page list(Map<String, String> selector, String after, int limit) {
    view.tell(new FleetView.ListDevices(selector, after, limit, pages.getRef()));
    return pages.receiveMessage();
  }

  private static DeviceStatus status(String name, int rung, double p95Ms) {
    String site = name.startsWith("south") ? "south" : "north";
    return new DeviceStatus(
        name,
        new DeviceProfile("pi", 4, 0, List.of(), Map.of("site", site), "", 2),
        true,
        Instant.EPOCH,
        Fixtures.budgetMs(10),
        false,
        Map.of(),
        List.of(),
        Optional.of("f"),
        Optional.of(FAMILY.manifest()),
        rung,
        Optional.of(FAMILY.manifest()),
        rung,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(Fixtures.window(2, FAMILY, rung, p95Ms)),
        Optional.empty(),
        List.of(),
        Map.of(),
        Optional.empty(),
        false);
  }
}
