package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A device as its twin knows it.
 *
 * @param name name of the device
 * @param profile what it says it is
 * @param online whether a stream of it is open
 * @param lastSeen when it was last heard of, by the control plane's clock
 * @param budget budget in force
 * @param budgetSetByOperator whether an operator set limits for this very device
 * @param origins who asked for each limit in force, also for those of 0
 * @param misses limits in force that the rung it shall serve does not keep: by the ladder, and the
 *     latency by its newest window there; in the order of {@link LimitKind}
 * @param family family that it is assigned; empty before the first assignment
 * @param manifest version that it is assigned; empty before the first assignment
 * @param desiredRung rung that it shall serve; 0 before the first assignment
 * @param reportedManifest version that it says it serves, or last said; empty where it serves none
 * @param reportedRung rung that it says it serves; 0 where it serves none or has not said
 * @param pinnedRung rung that an operator holds it on; 0 where none
 * @param quarantine why nothing of the family is tried on it any more; empty where it is
 * @param flag why an operator shall look at its accuracy; empty where nobody need
 * @param fieldAccuracy its accuracy by labels since the twin started; empty before the first
 * @param lastWindow its newest report since the twin started; empty before the first
 * @param lastTrial what the newest trial of a rung found since the twin started; empty before
 * @param decisions oldest first; the last hundred
 * @param operatorLabels what operators labelled it; stand above those of the profile
 * @param copy the second agent under its name that was refused since the twin started; empty where
 *     none came
 * @param removed whether it was removed: the last that is said of it
 */
public record DeviceStatus(
    String name,
    DeviceProfile profile,
    boolean online,
    Instant lastSeen,
    Budget budget,
    boolean budgetSetByOperator,
    Map<LimitKind, Origin> origins,
    List<Miss> misses,
    Optional<String> family,
    Optional<Digest> manifest,
    int desiredRung,
    Optional<Digest> reportedManifest,
    int reportedRung,
    int pinnedRung,
    Optional<String> quarantine,
    Optional<Flag> flag,
    Optional<FieldAccuracy> fieldAccuracy,
    Optional<WindowReport> lastWindow,
    Optional<Trial> lastTrial,
    List<Decision> decisions,
    Map<String, String> operatorLabels,
    Optional<CopyRefusal> copy,
    boolean removed) {

  public DeviceStatus {
    Require.notNegative("desiredRung", desiredRung);
    Require.notNegative("reportedRung", reportedRung);
    Require.notNegative("pinnedRung", pinnedRung);
    origins = Map.copyOf(origins);
    misses = List.copyOf(misses);
    decisions = List.copyOf(decisions);
    operatorLabels = Map.copyOf(operatorLabels);
  }

  /** The labels that it goes by: those of its profile, and above them those of operators. */
  public Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>(profile.labels());
    labels.putAll(operatorLabels);
    return labels;
  }

  /** Whether it goes by every label of {@code selector}; an empty one selects every device. */
  public boolean matches(Map<String, String> selector) {
    return operatorLabels.isEmpty()
        ? profile.matches(selector)
        : labels().entrySet().containsAll(selector.entrySet());
  }

  /** The last that is said of it, once it was removed. */
  public DeviceStatus gone() {
    return new DeviceStatus(
        name,
        profile,
        false,
        lastSeen,
        budget,
        budgetSetByOperator,
        origins,
        misses,
        family,
        manifest,
        desiredRung,
        reportedManifest,
        reportedRung,
        pinnedRung,
        quarantine,
        flag,
        fieldAccuracy,
        lastWindow,
        lastTrial,
        decisions,
        operatorLabels,
        copy,
        true);
  }

  /** Whether it is online and its newest measured window exceeds the latency budget in force. */
  public boolean overBudget() {
    return online
        && budget.p95LatencyNs() > 0
        && lastWindow
            .map(WindowReport::request)
            .filter(request -> request.count() > 0 && request.p95Ns() > budget.p95LatencyNs())
            .isPresent();
  }
}
