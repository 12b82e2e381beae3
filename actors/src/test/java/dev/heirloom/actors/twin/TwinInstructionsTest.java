package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Limits;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.FishingOutcome;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.Test;

/** What operators say of a device beside its budget and its pin. */
class TwinInstructionsTest {
  private static final BudgetRule CANARIES =
      new BudgetRule(
          "canaries",
          Map.of("ring", "canary"),
          new Limits(Limits.ABSENT, 64 << 20, Limits.ABSENT, Limits.ABSENT));

  @Test
  void putsOperatorsLabelsAboveThoseOfTheProfile() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      Map<String, String> said = fixture.status().profile().labels();
      String own = said.keySet().iterator().next();
      DeviceStatus device =
          label(fixture, Map.of(own, "elsewhere", "ring", "canary"), Set.of()).getValue();
      assertThat(device.labels()).containsEntry(own, "elsewhere").containsEntry("ring", "canary");
      assertThat(device.profile().labels()).as("what the device says").isEqualTo(said);
      assertThat(device.matches(Map.of(own, "elsewhere"))).isTrue();
      assertThat(device.matches(said)).isFalse();
      fixture.killAndRecover();
      assertThat(fixture.status().operatorLabels()).isEqualTo(device.operatorLabels());
      DeviceStatus cleared = label(fixture, Map.of(), Set.of(own, "never-set")).getValue();
      assertThat(cleared.labels()).containsAllEntriesOf(said).containsEntry("ring", "canary");
    }
  }

  @Test
  void heedsRulesByOperatorsLabelsAlsoAfterTheDeviceSaysItsOwnAgain() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.setRules(CANARIES);
      assertThat(fixture.status().budget().memoryBytes()).isZero();
      DeviceStatus labelled = label(fixture, Map.of("ring", "canary"), Set.of()).getValue();
      assertThat(labelled.budget().memoryBytes()).isEqualTo(64 << 20);
      fixture.device.expectMessageClass(ToDevice.BudgetInForce.class);
      fixture.connect(10, new Serving(TwinFixture.FIRST.manifest().hex(), 1));
      assertThat(fixture.status().budget().memoryBytes()).isEqualTo(64 << 20);
      DeviceStatus free = label(fixture, Map.of(), Set.of("ring")).getValue();
      assertThat(free.budget().memoryBytes()).isZero();
    }
  }

  @Test
  void persistsNothingWhereLabelsAreAsTheyWere() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      label(fixture, Map.of("ring", "canary"), Set.of());
      label(fixture, Map.of("ring", "canary"), Set.of());
      assertThat(fixture.count(TwinEvent.LabelsSet.class)).isEqualTo(1);
    }
  }

  @Test
  void refusesMoreLabelsThanADeviceMayHave() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (int i = 0; i < Instructions.MOST_LABELS; i++) {
        assertThat(label(fixture, Map.of("l" + i, ""), Set.of()).isSuccess()).isTrue();
      }
      assertThat(label(fixture, Map.of("more", ""), Set.of()).getError())
          .hasMessage("labels: 65 (expected: at most 64)");
    }
  }

  @Test
  void tellsADeviceInQuarantineNothingUntilItIsLifted() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      DeviceStatus held = quarantine(fixture, "being repaired");
      assertThat(held.quarantine()).hasValue("an operator quarantined it: being repaired");
      for (int i = 0; i < 5; i++) {
        fixture.window(TwinFixture.FIRST, 1, 2);
      }
      assertThat(fixture.status().desiredRung()).as("room for more, untaken").isEqualTo(1);
      assertThat(fixture.pin(3).getError()).hasMessageContaining("is in quarantine");
      assertThat(fixture.tryRung(2).getError()).hasMessageContaining("is in quarantine");
      fixture.killAndRecover();
      fixture.catalogue.publish(TwinFixture.SECOND);
      fixture.connect(10, new Serving(TwinFixture.FIRST.manifest().hex(), 1));
      fixture.device.expectNoMessage();
      assertThat(fixture.liftQuarantine().quarantine()).isEmpty();
      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).manifest())
          .isEqualTo(TwinFixture.SECOND.manifest());
    }
  }

  @Test
  void keepsAPinnedDeviceWhereItIsWhileInQuarantine() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      assertThat(fixture.pin(3).isSuccess()).isTrue();
      ToDevice.Assign third = fixture.device.expectMessageClass(ToDevice.Assign.class);
      quarantine(fixture, "being repaired");
      fixture.failed(third);
      fixture.connect(10, new Serving(TwinFixture.FIRST.manifest().hex(), 1));
      fixture.device.expectNoMessage();
    }
  }

  @Test
  void removesADeviceThatMayEnrolAgainAsNew() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      label(fixture, Map.of("ring", "canary"), Set.of());
      fixture.device.expectMessageClass(ToDevice.BudgetInForce.class);
      TestProbe<DeviceStatus> fleet = fixture.kit.createTestProbe();
      fixture.topic.tell(Topic.subscribe(fleet.getRef()));
      fixture.twin.tell(new DeviceTwin.Remove("sold", fixture.replies.getRef()));
      assertThat(fixture.replies.receiveMessage().getValue().removed()).isTrue();
      assertThat(fleet.fishForMessage(Duration.ofSeconds(5), TwinInstructionsTest::last))
          .isNotEmpty();
      assertThat(fixture.device.expectMessageClass(ToDevice.Removed.class).reason())
          .isEqualTo("sold");
      fixture.killAndRecover();
      fixture.twin.tell(new DeviceTwin.GetStatus(fixture.replies.getRef()));
      assertThat(fixture.replies.receiveMessage().getError())
          .hasMessage("device cam-1 is not enrolled");
      fixture.enrol();
      DeviceStatus anew = fixture.status();
      assertThat(anew.operatorLabels()).isEmpty();
      assertThat(anew.decisions()).isEmpty();
      assertThat(anew.online()).isFalse();
      fixture.connect(10, Serving.NOTHING);
      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).decision()).isEqualTo(1);
      fixture.killAndRecover();
      assertThat(fixture.status().decisions()).hasSize(1);
    }
  }

  private static FishingOutcome last(DeviceStatus status) {
    return status.removed() ? FishingOutcomes.complete() : FishingOutcomes.continueAndIgnore();
  }

  private static StatusReply<DeviceStatus> label(
      TwinFixture fixture, Map<String, String> set, Set<String> clear) {
    fixture.twin.tell(new DeviceTwin.SetLabels(set, clear, fixture.replies.getRef()));
    return fixture.replies.receiveMessage();
  }

  private static DeviceStatus quarantine(TwinFixture fixture, String reason) {
    fixture.twin.tell(new DeviceTwin.Quarantine(reason, fixture.replies.getRef()));
    return fixture.replies.receiveMessage().getValue();
  }
}
