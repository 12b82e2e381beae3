package dev.heirloom.actors.view;

import dev.heirloom.actors.fleet.DeviceStatus;
import java.util.List;

/**
 * Some of the devices, by name.
 *
 * @param devices in the order of their names
 * @param next name to continue after; empty at the end
 */
public record Page(List<DeviceStatus> devices, String next) {

  public Page {
    devices = List.copyOf(devices);
  }
}
