package dev.heirloom.control.store;

import dev.heirloom.actors.fleet.PublishedFamily;
import java.util.List;

/**
 * What a collection removed, and what it left.
 *
 * @param versions taken out of the catalogue
 * @param blobs files of whole blobs that were removed
 * @param partials files of broken transfers that were removed
 * @param bytes of both kinds
 * @param storedBytes of all blobs that are left
 */
public record Collected(
    List<PublishedFamily> versions, int blobs, int partials, long bytes, long storedBytes) {

  public Collected {
    versions = List.copyOf(versions);
  }

  /** Whether nothing was removed. */
  public boolean nothing() {
    return versions.isEmpty() && blobs == 0 && partials == 0;
  }
}
