package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.Heir;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The heir in service; taking a new one is one swap of a reference. Safe for use by several
 * threads.
 */
public final class InService {
  private final AtomicReference<@Nullable Tenure> current = new AtomicReference<>();

  /** The heir in service, not leased: for what it says of itself only. */
  public Optional<Heir> heir() {
    return tenure().map(Tenure::heir);
  }

  /** The tenure in force, not leased: for its recorder only. */
  public Optional<Tenure> tenure() {
    return Optional.ofNullable(current.get());
  }

  /** Puts an heir into service; the caller retires the one that was. */
  public Optional<Tenure> swap(Tenure next) {
    return Optional.ofNullable(current.getAndSet(next));
  }

  /** Leaves nothing in service; the caller retires the one that was. */
  public Optional<Tenure> clear() {
    return Optional.ofNullable(current.getAndSet(null));
  }

  /** Leases the tenure in force; the caller releases it. */
  Optional<Tenure> lease() {
    for (Tenure tenure = current.get(); tenure != null; tenure = current.get()) {
      if (tenure.acquire()) {
        return Optional.of(tenure);
      }
      // Retired between the read and the lease: whoever retired it has put another in its place.
      Thread.onSpinWait();
    }
    return Optional.empty();
  }
}
