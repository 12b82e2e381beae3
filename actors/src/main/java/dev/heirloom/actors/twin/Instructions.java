package dev.heirloom.actors.twin;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What operators said of a device, beside its budget and its pin.
 *
 * @param labels stand beside those of the profile, and above them where both have one of a name
 * @param quarantine why nothing more is told to the device; empty where it is told
 */
public record Instructions(Map<String, String> labels, String quarantine) {

  /** Labels that operators may give one device. */
  static final int MOST_LABELS = 64;

  static final Instructions NONE = new Instructions(Map.of(), "");

  public Instructions {
    labels = Map.copyOf(labels);
  }

  /** Whether an operator quarantined the device. */
  boolean quarantined() {
    return !quarantine.isEmpty();
  }

  Instructions with(Map<String, String> newLabels) {
    return new Instructions(newLabels, quarantine);
  }

  Instructions quarantinedFor(String reason) {
    return new Instructions(labels, reason);
  }

  /** The operators' labels with some set and others taken away. */
  Map<String, String> labels(Map<String, String> set, Set<String> clear) {
    Map<String, String> next = new TreeMap<>(labels);
    next.keySet().removeAll(clear);
    next.putAll(set);
    return next;
  }

  /** What a device goes by that says these labels of itself. */
  Map<String, String> over(Map<String, String> said) {
    Map<String, String> all = new TreeMap<>(said);
    all.putAll(labels);
    return all;
  }
}
