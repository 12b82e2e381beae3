package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.Limits;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.Test;

/** The compiler does not check that every command and event is handled; these tests do. */
class DeviceTwinCommandsTest {

  @Test
  void handlesEveryCommandOfAKnownDevice() {
    try (TwinFixture fixture = TwinFixture.serving()) {
      for (DeviceTwin.Command command : commands(fixture)) {
        fixture.twin.tell(command);
        TestProbe<StatusReply<DeviceStatus>> next = fixture.kit.createTestProbe();
        fixture.twin.tell(new DeviceTwin.GetStatus(next.getRef()));
        boolean removed = command instanceof DeviceTwin.Remove;
        assertThat(next.receiveMessage().isSuccess()).as(command.toString()).isEqualTo(!removed);
        if (removed) {
          fixture.twin.tell(new DeviceTwin.Enrol(Fixtures.PROFILE, fixture.replies.getRef()));
        }
      }
    }
  }

  @Test
  void handlesEveryCommandOfAnUnknownDevice() {
    try (TwinFixture fixture = new TwinFixture()) {
      for (DeviceTwin.Command command : commands(fixture)) {
        if (!(command instanceof DeviceTwin.Enrol)) {
          fixture.twin.tell(command);
        }
      }
      TestProbe<StatusReply<DeviceStatus>> last = fixture.kit.createTestProbe();
      fixture.twin.tell(new DeviceTwin.GetStatus(last.getRef()));

      assertThat(last.receiveMessage().getError()).hasMessage("device cam-1 is not enrolled");
      assertThat(fixture.journal.persistedInStorage("DeviceTwin|cam-1")).isEmpty();
    }
  }

  @Test
  void refusesToConnectAnUnknownDevice() {
    try (TwinFixture fixture = new TwinFixture()) {
      TestProbe<StatusReply<Welcome>> replyTo = fixture.kit.createTestProbe();
      Hello hello = new Hello(Fixtures.PROFILE, Budget.NONE, "", Optional.empty(), 0, 0, 0);
      fixture.twin.tell(new DeviceTwin.Connect(hello, fixture.device.getRef(), replyTo.getRef()));

      assertThat(replyTo.receiveMessage().getError()).hasMessage("device cam-1 is not enrolled");
    }
  }

  @Test
  void namesEveryPersistedType() {
    Stream<Class<?>> events = Arrays.stream(TwinEvent.class.getPermittedSubclasses());
    Stream<Class<?>> states = Arrays.stream(TwinState.class.getPermittedSubclasses());

    assertThat(TwinSerializable.NAMES.values())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(events, states)
                .map(type -> type.<TwinSerializable>asSubclass(TwinSerializable.class))
                .toList());
  }

  private static List<DeviceTwin.Command> commands(TwinFixture fixture) {
    ToDevice.Assign assign =
        new ToDevice.Assign(1, "digits", TwinFixture.FIRST.manifest(), 1000, 1, "");
    TestProbe<StatusReply<Welcome>> welcomes = fixture.kit.createTestProbe();
    Hello hello = new Hello(Fixtures.PROFILE, Budget.NONE, "", Optional.empty(), 0, 0, 0);
    List<Object> parts =
        List.of(
            Fixtures.PROFILE,
            hello,
            fixture.device.getRef(),
            Fixtures.window(9, TwinFixture.FIRST, 1, 2),
            TwinFixture.outcome(assign, true),
            Optional.of(Limits.of(Budget.NONE)),
            BudgetRules.NONE,
            1,
            true,
            "spring",
            TwinFixture.FIRST,
            TwinFixture.FIRST.manifest(),
            TwinFixture.TERMS,
            TwinFixture.trial(1, 2),
            ClassPrior.NONE,
            "because",
            Map.of("ring", "canary"),
            Set.of());
    return Arrays.stream(DeviceTwin.Command.class.getPermittedSubclasses())
        .map(type -> build(type, fixture, welcomes, parts))
        .toList();
  }

  /** Builds a command from the first part of each component's type. */
  private static DeviceTwin.Command build(
      Class<?> type,
      TwinFixture fixture,
      TestProbe<StatusReply<Welcome>> welcomes,
      List<Object> parts) {
    Constructor<?> constructor = type.getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    Object[] arguments =
        Arrays.stream(constructor.getParameters())
            .map(
                parameter -> {
                  if (parameter.getName().equals("replyTo")) {
                    return type == DeviceTwin.Connect.class
                        ? welcomes.getRef()
                        : fixture.replies.getRef();
                  }
                  Predicate<Object> fits =
                      part ->
                          parameter.getType() == int.class || parameter.getType() == long.class
                              ? part instanceof Integer
                              : parameter.getType() == boolean.class
                                  ? part instanceof Boolean
                                  : parameter.getType().isInstance(part);
                  return parts.stream().filter(fits).findFirst().orElseThrow();
                })
            .toArray();
    try {
      return (DeviceTwin.Command) constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
