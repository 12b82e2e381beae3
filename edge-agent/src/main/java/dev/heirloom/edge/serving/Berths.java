package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.Heir;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The berths of this device, found by the family that each serves. */
public final class Berths {
  private final List<Berth> all;

  public Berths(List<Berth> all) {
    this.all = List.copyOf(all);
  }

  /** Whether every berth has an heir in service. */
  public boolean ready() {
    return all.stream().allMatch(berth -> berth.inService().heir().isPresent());
  }

  /** Whether any berth has an heir in service. */
  boolean serving() {
    return all.stream().anyMatch(berth -> berth.inService().heir().isPresent());
  }

  /**
   * The berth that serves a family.
   *
   * @param field of the request, which an error names
   */
  Berth of(String family, String field) throws StatusException {
    for (Berth berth : all) {
      if (berth.serves(family)) {
        return berth;
      }
    }
    if (!serving()) {
      throw Status.UNAVAILABLE.withDescription("no heir is in service yet").asException();
    }
    throw Status.NOT_FOUND
        .withDescription("%s: '%s' (expected: %s)".formatted(field, family, names()))
        .asException();
  }

  /** The only berth; empty where there are several. */
  Optional<Berth> only() {
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  private String names() {
    return all.stream()
        .flatMap(berth -> berth.inService().heir().stream())
        .map(Heir::identity)
        .map(heir -> heir.family())
        .collect(Collectors.joining(" or "));
  }
}
