package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    List<Decision> decisions) {

  public DeviceStatus {
    Require.notNegative("desiredRung", desiredRung);
    Require.notNegative("reportedRung", reportedRung);
    Require.notNegative("pinnedRung", pinnedRung);
    origins = Map.copyOf(origins);
    misses = List.copyOf(misses);
    decisions = List.copyOf(decisions);
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
