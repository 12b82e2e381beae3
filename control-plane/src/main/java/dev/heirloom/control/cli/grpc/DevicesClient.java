package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.HostPort;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.ChangeDevicesResponse;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListDevicesResponse;
import dev.heirloom.proto.v1.WatchRequest;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What an operator asks of a control plane about devices. */
public final class DevicesClient {
  private static final Duration CALL = Duration.ofSeconds(15);
  private static final Duration BULK = Duration.ofMinutes(10);

  private final ControlPlaneClient client;

  /**
   * @param client whose connection is used, and stays the caller's
   */
  public DevicesClient(ControlPlaneClient client) {
    this.client = client;
  }

  /** One page of devices. */
  public ListDevicesResponse list(ListDevicesRequest request) throws ControlPlaneException {
    try {
      return stub(CALL).listDevices(request);
    } catch (StatusException e) {
      throw ControlPlaneException.of(client.address(), e);
    }
  }

  /** A device, with its decisions. */
  public Device get(String name) throws ControlPlaneException {
    try {
      return stub(CALL).getDevice(GetDeviceRequest.newBuilder().setName(name).build());
    } catch (StatusException e) {
      throw ControlPlaneException.of(client.address(), e);
    }
  }

  /** Changes devices; the answer comes device after device. */
  public Answers<ChangeDevicesResponse> change(ChangeDevicesRequest request) {
    return new Answers<>(client.address(), stub(BULK).changeDevices(request));
  }

  /** Every device with some labels once, then each change, until the answer is closed. */
  public Answers<Device> watch(Map<String, String> selector) {
    return new Answers<>(
        client.address(),
        FleetGrpc.newBlockingV2Stub(client.channel())
            .watch(WatchRequest.newBuilder().putAllSelector(selector).build()));
  }

  private FleetGrpc.FleetBlockingV2Stub stub(Duration limit) {
    return FleetGrpc.newBlockingV2Stub(client.channel())
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Messages as they come. */
  public static final class Answers<T> implements AutoCloseable {
    private final HostPort address;
    private final BlockingClientCall<?, T> call;
    private boolean ended;

    Answers(HostPort address, BlockingClientCall<?, T> call) {
      this.address = address;
      this.call = call;
    }

    /** The next message; empty at the end. */
    public Optional<T> next() throws ControlPlaneException, InterruptedException {
      try {
        return Optional.ofNullable(call.read());
      } catch (StatusException e) {
        throw ControlPlaneException.of(address, e);
      }
    }

    /** The next message; empty where none came in time, or at the end. */
    public Optional<T> next(Duration patience) throws ControlPlaneException, InterruptedException {
      try {
        Optional<T> next =
            Optional.ofNullable(call.read(patience.toMillis(), TimeUnit.MILLISECONDS));
        ended = next.isEmpty();
        return next;
      } catch (TimeoutException e) {
        return Optional.empty();
      } catch (StatusException e) {
        throw ControlPlaneException.of(address, e);
      }
    }

    /** Whether the control plane ended the answer. */
    public boolean ended() {
      return ended;
    }

    @Override
    public void close() {
      call.cancel("no longer needed", null);
    }
  }
}
