package dev.heirloom.actors.view;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The fleet in numbers.
 *
 * @param devices known devices
 * @param online devices with an open stream
 * @param overBudget online devices whose newest window exceeds their latency budget
 * @param byRung devices by reported rung; 0 for those that serve none
 */
public record FleetSummary(
    int devices, int online, int overBudget, SortedMap<Integer, Integer> byRung) {

  public FleetSummary {
    byRung = Collections.unmodifiableSortedMap(new TreeMap<>(byRung));
  }
}
