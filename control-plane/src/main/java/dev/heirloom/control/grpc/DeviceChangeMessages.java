package dev.heirloom.control.grpc;

import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.proto.v1.BudgetChange;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.LabelsChange;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Requests to change devices as commands to twins; what is not acceptable names the field. */
final class DeviceChangeMessages {
  private static final int MOST_NAMES = 10_000;
  private static final int MOST_CHARACTERS = 256;
  private static final int MOST_LABELS = 64;

  private DeviceChangeMessages() {}

  static void requireOneTarget(ChangeDevicesRequest request) {
    int given =
        (request.getNamesCount() > 0 ? 1 : 0)
            + (request.getSelectorCount() > 0 ? 1 : 0)
            + (request.getEveryDevice() ? 1 : 0);
    if (given != 1) {
      throw Failures.invalid(
          "names", given + " of names, selector and every_device are given (expected: one)");
    }
  }

  /** Each once. */
  static List<String> names(ChangeDevicesRequest request) {
    if (request.getNamesCount() > MOST_NAMES) {
      throw Failures.exhausted(
          "names", request.getNamesCount() + " in one call (expected: at most " + MOST_NAMES + ")");
    }
    for (int i = 0; i < request.getNamesCount(); i++) {
      Incoming.deviceName("names[" + i + "]", request.getNames(i));
    }
    return request.getNamesList().stream().distinct().toList();
  }

  static DeviceChanges.Change change(ChangeDevicesRequest request) {
    return switch (request.getChangeCase()) {
      case PIN -> pin(Incoming.rung("pin.rung", request.getPin().getRung()));
      case RELEASE -> replyTo -> new DeviceTwin.PinRung(0, replyTo);
      case BUDGET -> budget(request.getBudget());
      case LABELS -> labels(request.getLabels());
      case QUARANTINE -> {
        String reason = line("quarantine.reason", request.getQuarantine().getReason());
        yield replyTo -> new DeviceTwin.Quarantine(reason, replyTo);
      }
      case LIFT_QUARANTINE -> DeviceTwin.LiftQuarantine::new;
      case REMOVE -> {
        String reason = line("remove.reason", request.getRemove().getReason());
        yield replyTo -> new DeviceTwin.Remove(reason, replyTo);
      }
      case CHANGE_NOT_SET -> throw Failures.invalid("change", "missing");
    };
  }

  private static DeviceChanges.Change pin(int rung) {
    if (rung == 0) {
      throw Failures.invalid("pin.rung", "0 (expected: a rung; release gives it back)");
    }
    return replyTo -> new DeviceTwin.PinRung(rung, replyTo);
  }

  private static DeviceChanges.Change budget(BudgetChange change) {
    Optional<Limits> limits =
        change.hasLimits()
            ? Incoming.limits(
                false, dev.heirloom.proto.v1.Budget.getDefaultInstance(), change.getLimits())
            : Optional.empty();
    if (change.hasLimits() && limits.isEmpty()) {
      throw Failures.invalid("budget.limits", "none is given (expected: one at least)");
    }
    return replyTo -> new DeviceTwin.SetBudget(limits, replyTo);
  }

  private static DeviceChanges.Change labels(LabelsChange change) {
    int all = change.getSetCount() + change.getClearCount();
    if (all < 1 || all > MOST_LABELS) {
      throw Failures.invalid("labels", all + " are changed (expected: 1.." + MOST_LABELS + ")");
    }
    change
        .getSetMap()
        .forEach(
            (key, value) -> {
              line("labels.set", key);
              if (value.length() > MOST_CHARACTERS) {
                throw Failures.invalid(
                    "labels.set." + key,
                    value.length() + " characters (expected: at most " + MOST_CHARACTERS + ")");
              }
            });
    return replyTo ->
        new DeviceTwin.SetLabels(change.getSetMap(), Set.copyOf(change.getClearList()), replyTo);
  }

  private static String line(String field, String text) {
    boolean one = !text.isBlank() && text.length() <= MOST_CHARACTERS && text.lines().count() == 1;
    if (!one) {
      throw Failures.invalid(field, "expected one line of 1.." + MOST_CHARACTERS + " characters");
    }
    return text;
  }
}
