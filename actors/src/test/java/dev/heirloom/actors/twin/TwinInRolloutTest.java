package dev.heirloom.actors.twin;

import static dev.heirloom.actors.twin.TwinFixture.FIRST;
import static dev.heirloom.actors.twin.TwinFixture.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.DeviceStatus;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.Test;

class TwinInRolloutTest {

  private static StatusReply<DeviceStatus> enlist(TwinFixture fixture, String rollout) {
    fixture.twin.tell(
        new DeviceTwin.Enlist(rollout, SECOND.manifest(), "group 1", fixture.replies.getRef()));
    return fixture.replies.receiveMessage();
  }

  private static StatusReply<DeviceStatus> discharge(TwinFixture fixture, String rollout) {
    fixture.twin.tell(new DeviceTwin.Discharge(rollout, true, "halted", fixture.replies.getRef()));
    return fixture.replies.receiveMessage();
  }

  @Test
  void takesAHeldVersionOnlyFromARolloutAndGoesBack() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.catalogue.hold(SECOND);
      fixture.twin.tell(new DeviceTwin.FamilyPublished(SECOND));
      fixture.device.expectNoMessage();

      assertThat(enlist(fixture, "spring").isSuccess()).isTrue();
      ToDevice.Assign there = fixture.device.expectMessageClass(ToDevice.Assign.class);
      fixture.installed(there);
      discharge(fixture, "spring");
      ToDevice.Assign back = fixture.device.expectMessageClass(ToDevice.Assign.class);

      assertThat(there.manifest()).isEqualTo(SECOND.manifest());
      assertThat(there.reason()).startsWith("rollout spring: ");
      assertThat(back.manifest()).isEqualTo(FIRST.manifest());
    }
  }

  @Test
  void isToldOnceHoweverOftenItIsTold() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.catalogue.hold(SECOND);
      enlist(fixture, "spring");
      enlist(fixture, "spring");
      assertThat(fixture.count(TwinEvent.Enlisted.class)).isEqualTo(1);
      discharge(fixture, "autumn");
      assertThat(fixture.count(TwinEvent.Discharged.class)).isZero();
      discharge(fixture, "spring");
      discharge(fixture, "spring");
      assertThat(fixture.count(TwinEvent.Discharged.class)).isEqualTo(1);
    }
  }

  @Test
  void keepsItsPlaceThroughARestart() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.catalogue.hold(SECOND);
      fixture.catalogue.publish(FIRST);
      Serving first = new Serving(FIRST.manifest().hex(), 1);
      enlist(fixture, "spring");
      fixture.killAndRecover();
      fixture.connect(10, first);

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).manifest())
          .isEqualTo(SECOND.manifest());
      assertThat(enlist(fixture, "autumn").getError())
          .hasMessage("device cam-1: it is in rollout spring");
    }
  }

  @Test
  void goesBackWhenItComesBackWhereTheRolloutEndedMeanwhile() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      fixture.catalogue.hold(SECOND);
      enlist(fixture, "spring");
      ToDevice.Assign there = fixture.device.expectMessageClass(ToDevice.Assign.class);
      fixture.installed(there);
      fixture.status();
      fixture.killAndRecover();
      discharge(fixture, "spring");
      fixture.connect(10, new Serving(SECOND.manifest().hex(), there.rung()));

      assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).manifest())
          .isEqualTo(FIRST.manifest());
    }
  }

  @Test
  void goesBackToAVersionThatItOnceFailedToInstallOften() {
    for (int pinned : new int[] {0, 1}) {
      try (TwinFixture fixture = TwinFixture.serving()) {
        for (int attempt = 0; attempt < 3; attempt++) {
          fixture.failed(fixture.promote());
        }
        if (pinned > 0) {
          fixture.pin(pinned);
        }
        fixture.catalogue.hold(SECOND);
        enlist(fixture, "spring");
        fixture.installed(fixture.device.expectMessageClass(ToDevice.Assign.class));
        discharge(fixture, "spring");

        assertThat(fixture.device.expectMessageClass(ToDevice.Assign.class).manifest())
            .isEqualTo(FIRST.manifest());
        assertThat(enlist(fixture, "autumn").isSuccess()).isTrue();
      }
    }
  }

  @Test
  void refusesWhatIsNotPublishedAndWhatItDoesNotFollow() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      assertThat(enlist(fixture, "spring").getError()).hasMessageContaining("is not published");
    }
  }
}
