package dev.heirloom.control.fleet;

/** No device of that name was ever enrolled. */
public final class UnknownDeviceException extends RuntimeException {
  private final String device;

  UnknownDeviceException(String device) {
    super("device " + device + " is not enrolled");
    this.device = device;
  }

  /** Name that was asked for. */
  public String device() {
    return device;
  }
}
