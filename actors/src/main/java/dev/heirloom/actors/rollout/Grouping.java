package dev.heirloom.actors.rollout;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Which device goes into which group. The order is the same whenever it is asked for: the device
 * classes take turns, so that the canary has as many of them as it has places, and within a class a
 * hash of the name decides, so that neighbours in name are no neighbours in order.
 */
final class Grouping {
  private Grouping() {}

  /** A device that is to be put into a group. */
  record Candidate(String name, String deviceClass) {}

  static List<Member> group(List<Candidate> candidates, List<GroupSize> sizes, long atMs) {
    List<Candidate> order = order(candidates);
    List<Member> members = new ArrayList<>();
    int group = 1;
    int left = sizes.get(0).of(order.size());
    for (Candidate candidate : order) {
      if (left == 0) {
        left = group < sizes.size() ? sizes.get(group).of(order.size()) : Integer.MAX_VALUE;
        group++;
      }
      members.add(new Member(candidate.name(), candidate.deviceClass(), group, atMs));
      left--;
    }
    return members;
  }

  private static List<Candidate> order(List<Candidate> candidates) {
    Map<String, Deque<Candidate>> classes = new TreeMap<>();
    candidates.stream()
        .sorted(
            Comparator.comparingLong((Candidate c) -> hash(c.name()))
                .thenComparing(Candidate::name))
        .forEach(c -> classes.computeIfAbsent(c.deviceClass(), k -> new ArrayDeque<>()).add(c));
    List<Candidate> order = new ArrayList<>();
    while (order.size() < candidates.size()) {
      for (Deque<Candidate> waiting : classes.values()) {
        if (!waiting.isEmpty()) {
          order.add(waiting.remove());
        }
      }
    }
    return order;
  }

  private static long hash(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
