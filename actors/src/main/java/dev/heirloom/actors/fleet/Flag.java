package dev.heirloom.actors.fleet;

import java.time.Instant;

/**
 * A device's accuracy fell and no rung helps: somebody shall look.
 *
 * @param kind what was found
 * @param reason one sentence with its numbers
 * @param since when it was flagged, by the control plane's clock
 */
public record Flag(Kind kind, String reason, Instant since) {

  /** What a device is flagged for; names are persisted, and are labels of metrics. */
  public enum Kind {
    /** Its accuracy in the field is under the floor. */
    UNDER_FLOOR("under-floor"),
    /** What it sees is not what it saw. */
    DRIFTED("drifted");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** The name in journals, messages and metrics. */
    public String label() {
      return label;
    }
  }
}
