package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Many modelled devices, each with a stream of its own, over a few connections. */
public final class ModelledFleet implements AutoCloseable {
  private static final int STREAMS_PER_CONNECTION = 200;
  private static final List<String> CLASSES = List.of("gateway", "camera", "kiosk", "panel");

  /** The class that cannot install a version that fails on one. */
  public static final String FAILING = "kiosk";

  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<ModelledDevice> devices = new ArrayList<>();

  private ModelledFleet() {}

  /**
   * Starts the devices.
   *
   * @param periodMs between a device's windows
   */
  public static ModelledFleet start(
      int port, int count, DeviceModel model, long periodMs, long seed) {
    ModelledFleet fleet = new ModelledFleet();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      if (i % STREAMS_PER_CONNECTION == 0) {
        fleet.channels.add(
            NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .executor(fleet.timers)
                .build());
      }
      fleet.devices.add(
          new ModelledDevice(
              "device-" + i,
              CLASSES.get(i % CLASSES.size()),
              model,
              fleet.channels.get(fleet.channels.size() - 1),
              fleet.timers,
              periodMs,
              random.split()));
    }
    fleet.devices.forEach(ModelledDevice::start);
    return fleet;
  }

  /** Tells the connections that the control plane is back, so that they do not wait on. */
  public void reconnect() {
    channels.forEach(ManagedChannel::resetConnectBackoff);
  }

  /** Devices that serve a version. */
  public int serving(ByteString manifest) {
    return (int) devices.stream().filter(device -> device.serves(manifest)).count();
  }

  /** Devices that were ever told to serve the target. */
  public int touched() {
    return (int) devices.stream().filter(ModelledDevice::touched).count();
  }

  @Override
  public void close() {
    devices.forEach(ModelledDevice::close);
    channels.forEach(ManagedChannel::shutdownNow);
    timers.shutdownNow();
    try {
      timers.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
