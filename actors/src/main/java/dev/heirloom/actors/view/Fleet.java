package dev.heirloom.actors.view;

import dev.heirloom.actors.fleet.DeviceStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The latest status of every device, by name. */
final class Fleet {

  private final NavigableMap<String, DeviceStatus> devices = new TreeMap<>();

  void put(DeviceStatus status) {
    devices.put(status.name(), status);
  }

  boolean knows(String name) {
    return devices.containsKey(name);
  }

  void remove(String name) {
    devices.remove(name);
  }

  Page page(
      Map<String, String> selector,
      DeviceOrder order,
      Optional<DeviceOrder.Place> after,
      int limit) {
    Comparator<DeviceOrder.Place> comparator = order.comparator();
    List<DeviceStatus> all = matching(selector).toList();
    Stream<DeviceStatus> rest =
        all.stream()
            .filter(
                device ->
                    after.isEmpty() || comparator.compare(order.place(device), after.get()) > 0);
    List<DeviceStatus> found =
        (order.equals(DeviceOrder.BY_NAME)
                ? rest
                : rest.sorted(Comparator.comparing(order::place, comparator)))
            .limit(limit + 1L)
            .toList();
    if (found.size() <= limit) {
      return new Page(found, "", all.size());
    }
    String next = order.token(found.get(limit - 1));
    return new Page(found.subList(0, limit), next, all.size());
  }

  Stream<DeviceStatus> matching(Map<String, String> selector) {
    return devices.values().stream().filter(status -> status.matches(selector));
  }

  FleetSummary summary() {
    SortedMap<Integer, Integer> byRung = new TreeMap<>();
    int online = 0;
    int overBudget = 0;
    for (DeviceStatus status : devices.values()) {
      byRung.merge(status.reportedRung(), 1, Integer::sum);
      online += status.online() ? 1 : 0;
      overBudget += status.overBudget() ? 1 : 0;
    }
    return new FleetSummary(devices.size(), online, overBudget, byRung);
  }
}
