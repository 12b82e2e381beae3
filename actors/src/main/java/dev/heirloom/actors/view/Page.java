package dev.heirloom.actors.view;

import dev.heirloom.actors.fleet.DeviceStatus;
import java.util.List;

/**
 * Some of the devices.
 *
 * @param devices in the order asked for
 * @param next what to go on after: by name the name of the last; empty at the end
 * @param total devices that match, on all pages
 */
public record Page(List<DeviceStatus> devices, String next, int total) {

  public Page {
    devices = List.copyOf(devices);
  }
}
