package dev.heirloom.control.cli.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.control.cli.ClientAccess;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.proto.v1.BackupRequest;
import dev.heirloom.proto.v1.BackupResponse;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.ListBudgetRulesRequest;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListDevicesResponse;
import dev.heirloom.proto.v1.OfferRequest;
import dev.heirloom.proto.v1.OperationsGrpc;
import dev.heirloom.proto.v1.PinRungRequest;
import dev.heirloom.proto.v1.PublishRequest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.RemoveBudgetRuleRequest;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.proto.v1.SetBudgetRuleRequest;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.proto.v1.TeachersGrpc;
import dev.heirloom.proto.v1.WatchRequest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A connection to a control plane, for operators and for those who publish families. */
public final class ControlPlaneClient implements AutoCloseable {
  private static final Duration CALL = Duration.ofSeconds(15);
  private static final Duration PUBLISH = Duration.ofMinutes(30);
  private static final int PAGE = 1000;

  // What gRPC logs, with stack traces, the caller is told as well. Held, or the level would be
  // forgotten.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  static {
    GRPC.setLevel(Level.SEVERE);
  }

  private final HostPort address;
  private final ManagedChannel channel;

  /** To a control plane on this machine that asks nobody who he is. */
  public ControlPlaneClient(HostPort address) {
    this.address = address;
    this.channel = Channels.plain(address);
  }

  /**
   * To any control plane.
   *
   * @throws CommandException where the authority's file is none
   */
  public ControlPlaneClient(HostPort address, ClientAccess access) throws CommandException {
    this.address = address;
    this.channel = Channels.open(address, access);
  }

  /** The calls of administrators. */
  public AccessClient access() {
    return new AccessClient(address, channel);
  }

  /** For the clients of single services in this package, which share the connection. */
  ManagedChannel channel() {
    return channel;
  }

  HostPort address() {
    return address;
  }

  /** The calls that are about rollouts, over this connection. */
  public RolloutsClient rollouts() {
    return new RolloutsClient(address, channel);
  }

  /**
   * Brings a family to the control plane: its manifest and the blobs that are missing there.
   *
   * @param hold whether devices shall not take it by themselves
   * @param manifest bytes of the Manifest
   * @param release what permits it, where that was signed elsewhere
   * @param needed every blob that the manifest names
   * @param sent told the bytes sent so far
   */
  public PublishResponse publish(
      boolean hold,
      byte[] manifest,
      Optional<SignedRelease> release,
      List<Blob> needed,
      BlobStore blobs,
      LongConsumer sent)
      throws ControlPlaneException, IOException, MalformedException, InterruptedException {
    ByteString content = ByteString.copyFrom(manifest);
    try {
      List<ByteString> missing =
          teachers(CALL)
              .offer(OfferRequest.newBuilder().setManifest(content).build())
              .getMissingList();
      BlockingClientCall<PublishRequest, PublishResponse> call = teachers(PUBLISH).publish();
      boolean open =
          call.write(PublishRequest.newBuilder().setManifest(content).setHold(hold).build());
      if (open && release.isPresent()) {
        open = call.write(PublishRequest.newBuilder().setRelease(release.get()).build());
      }
      long total = 0;
      for (Blob blob : needed) {
        if (open && missing.contains(blob.getSha256())) {
          open =
              BlobPieces.send(
                  blob,
                  blobs.read(blob),
                  piece -> call.write(PublishRequest.newBuilder().setPiece(piece).build()));
          total += blob.getSizeBytes();
          sent.accept(total);
        }
      }
      if (open) {
        call.halfClose();
      }
      PublishResponse answer = call.read();
      if (answer == null) {
        throw new IOException("the control plane at " + address + " ended the call unanswered");
      }
      return answer;
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /**
   * Writes a backup of the control plane.
   *
   * @return its size in bytes
   */
  public long backup(OutputStream out)
      throws ControlPlaneException, IOException, InterruptedException {
    try {
      BlockingClientCall<?, BackupResponse> call =
          OperationsGrpc.newBlockingV2Stub(channel).backup(BackupRequest.getDefaultInstance());
      long total = 0;
      for (BackupResponse piece = call.read(); piece != null; piece = call.read()) {
        piece.getContent().writeTo(out);
        total += piece.getContent().size();
      }
      return total;
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** Every device, by name. */
  public List<Device> devices() throws ControlPlaneException {
    List<Device> devices = new ArrayList<>();
    String page = "";
    try {
      do {
        ListDevicesResponse answer =
            fleet(CALL)
                .listDevices(
                    ListDevicesRequest.newBuilder().setPageSize(PAGE).setPageToken(page).build());
        devices.addAll(answer.getDevicesList());
        page = answer.getNextPageToken();
      } while (!page.isEmpty());
      return devices;
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** Puts an operator's budget on a device. */
  public Device setBudget(String device, Budget budget) throws ControlPlaneException {
    try {
      return fleet(CALL)
          .setBudget(SetBudgetRequest.newBuilder().setName(device).setBudget(budget).build());
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** The budget rules, in the order in which they are heard. */
  public List<BudgetRule> budgetRules() throws ControlPlaneException {
    try {
      return fleet(CALL)
          .listBudgetRules(ListBudgetRulesRequest.getDefaultInstance())
          .getRulesList();
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** Makes a budget rule, or replaces the one of the same name; gives all of them. */
  public List<BudgetRule> setBudgetRule(BudgetRule rule) throws ControlPlaneException {
    try {
      return fleet(CALL)
          .setBudgetRule(SetBudgetRuleRequest.newBuilder().setRule(rule).build())
          .getRulesList();
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** Removes a budget rule; gives those that are left. */
  public List<BudgetRule> removeBudgetRule(String name) throws ControlPlaneException {
    try {
      return fleet(CALL)
          .removeBudgetRule(RemoveBudgetRuleRequest.newBuilder().setName(name).build())
          .getRulesList();
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** Holds a device on a rung; 0 lets it go. */
  public Device pin(String device, int rung) throws ControlPlaneException {
    try {
      return fleet(CALL).pinRung(PinRungRequest.newBuilder().setName(device).setRung(rung).build());
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** Every device once, then each change, until the watch is closed. */
  public DeviceWatch watch() {
    return new DeviceWatch(
        address, FleetGrpc.newBlockingV2Stub(channel).watch(WatchRequest.getDefaultInstance()));
  }

  private TeachersGrpc.TeachersBlockingV2Stub teachers(Duration limit) {
    return TeachersGrpc.newBlockingV2Stub(channel)
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private FleetGrpc.FleetBlockingV2Stub fleet(Duration limit) {
    return FleetGrpc.newBlockingV2Stub(channel)
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** The fleet's changes as they come. */
  public static final class DeviceWatch implements AutoCloseable {
    private final HostPort address;
    private final BlockingClientCall<?, Device> call;

    DeviceWatch(HostPort address, BlockingClientCall<?, Device> call) {
      this.address = address;
      this.call = call;
    }

    /** The next change; nothing where none came in time or the control plane ended the watch. */
    public @Nullable Device next(Duration timeout)
        throws ControlPlaneException, InterruptedException {
      try {
        return call.read(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        return null;
      } catch (StatusException e) {
        throw ControlPlaneException.of(address, e);
      }
    }

    @Override
    public void close() {
      call.cancel("no longer needed", null);
    }
  }
}
