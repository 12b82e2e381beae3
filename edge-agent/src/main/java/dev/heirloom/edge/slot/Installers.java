package dev.heirloom.edge.slot;

import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.trust.KeyRoster;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The installers of a device's berths. They share the blobs, so that bands which families have in
 * common are held once, and whom the device trusts; slots and pointers are each one's own.
 */
public final class Installers {
  private final StateDirectory state;
  private final SessionSettings settings;
  private final TrustKeeper trust;
  private final HeldBlobs blobs;

  /**
   * @param berths how many there are
   * @param given the roster of keys that the device was given with its installation
   * @param notes takes lines for a person
   */
  public Installers(
      StateDirectory state,
      int berths,
      SessionSettings settings,
      Optional<KeyRoster> given,
      Consumer<String> notes) {
    this.state = state;
    this.settings = settings;
    this.trust = new TrustKeeper(state.root(), Disk.local(), given, Clock.systemUTC(), notes);
    this.blobs = new HeldBlobs(state.blobs(), berths);
  }

  /**
   * The installer of a berth.
   *
   * @param berth its name
   * @param first whether it is the device's first, whose slots lie in the state directory itself
   * @param notes takes lines for a person
   */
  public HeirInstaller of(String berth, boolean first, Consumer<String> notes) {
    Slots slots = new Slots(state.berth(berth, first), Disk.local());
    return new HeirInstaller(berth, blobs, slots, trust, settings, notes);
  }
}
