package dev.heirloom.control.http;

import java.util.Locale;

/** How far a control plane has come. */
public enum Stage {
  /** Not all of it is there yet. */
  STARTING,
  /** It takes calls. */
  READY,
  /** It takes no more calls, and lets those under way end. */
  DRAINING;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
