package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.Heir;

/**
 * One family's place on this device.
 *
 * @param inService the heir in service
 * @param queue the way to it
 */
public record Berth(InService inService, ServingQueue queue) implements AutoCloseable {

  /** Whether the heir in service is of a family. */
  boolean serves(String family) {
    return inService
        .heir()
        .map(Heir::identity)
        .filter(heir -> heir.family().equals(family))
        .isPresent();
  }

  /** Answers what is being served, turns the rest away, and closes the heir. */
  @Override
  public void close() {
    queue.close();
    inService.clear().ifPresent(Tenure::retire);
  }
}
