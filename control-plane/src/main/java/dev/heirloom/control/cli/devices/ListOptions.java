package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.DevicesClient;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListDevicesResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which devices are listed, in which order. */
final class ListOptions {
  private static final int PAGE = 1000;

  @Option(
      names = "--selector",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them.")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Option(
      names = "--sort",
      paramLabel = "KEY",
      description =
          "name, class, online, last_seen, rung, family, p95 or pinned; with '-' before it from"
              + " the largest (name).")
  private String sort = "";

  @Option(names = "--limit", paramLabel = "N", description = "List at most so many; 0 for all (0).")
  private int limit;

  Map<String, String> selector() {
    return selector;
  }

  /**
   * Devices in the order asked for.
   *
   * @param total that match, listed or not
   */
  record Found(List<Device> devices, int total) {}

  Found found(DevicesClient client) throws ControlPlaneException {
    List<Device> devices = new ArrayList<>();
    String page = "";
    int total;
    do {
      int wanted = limit <= 0 ? PAGE : Math.min(PAGE, limit - devices.size());
      ListDevicesResponse answer =
          client.list(
              ListDevicesRequest.newBuilder()
                  .putAllSelector(selector)
                  .setOrderBy(sort)
                  .setPageSize(wanted)
                  .setPageToken(page)
                  .build());
      devices.addAll(answer.getDevicesList());
      total = answer.getTotal();
      page = answer.getNextPageToken();
    } while (!page.isEmpty() && (limit <= 0 || devices.size() < limit));
    return new Found(devices, total);
  }
}
