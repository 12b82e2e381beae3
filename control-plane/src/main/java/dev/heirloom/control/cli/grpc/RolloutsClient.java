package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.HostPort;
import dev.heirloom.proto.v1.AbortRolloutRequest;
import dev.heirloom.proto.v1.CreateRolloutRequest;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.GetRolloutRequest;
import dev.heirloom.proto.v1.ListRolloutsRequest;
import dev.heirloom.proto.v1.PauseRolloutRequest;
import dev.heirloom.proto.v1.ResumeRolloutRequest;
import dev.heirloom.proto.v1.RetryRolloutRequest;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.proto.v1.WatchRolloutsRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What operators ask about rollouts, over a {@link ControlPlaneClient}'s connection. */
public final class RolloutsClient {
  private static final Duration CALL = Duration.ofSeconds(15);

  private final HostPort address;
  private final ManagedChannel channel;

  RolloutsClient(HostPort address, ManagedChannel channel) {
    this.address = address;
    this.channel = channel;
  }

  private interface Call<T> {
    T of(FleetGrpc.FleetBlockingV2Stub fleet) throws StatusException;
  }

  private <T> T call(Call<T> call) throws ControlPlaneException {
    try {
      return call.of(
          FleetGrpc.newBlockingV2Stub(channel)
              .withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  public Rollout create(RolloutSpec spec) throws ControlPlaneException {
    return call(
        fleet -> fleet.createRollout(CreateRolloutRequest.newBuilder().setSpec(spec).build()));
  }

  public Rollout get(String name) throws ControlPlaneException {
    return call(fleet -> fleet.getRollout(GetRolloutRequest.newBuilder().setName(name).build()));
  }

  /** The newest first. */
  public List<Rollout> list() throws ControlPlaneException {
    return call(fleet -> fleet.listRollouts(ListRolloutsRequest.getDefaultInstance()))
        .getRolloutsList();
  }

  public Rollout pause(String name) throws ControlPlaneException {
    return call(
        fleet -> fleet.pauseRollout(PauseRolloutRequest.newBuilder().setName(name).build()));
  }

  public Rollout resume(String name) throws ControlPlaneException {
    return call(
        fleet -> fleet.resumeRollout(ResumeRolloutRequest.newBuilder().setName(name).build()));
  }

  public Rollout abort(String name) throws ControlPlaneException {
    return call(
        fleet -> fleet.abortRollout(AbortRolloutRequest.newBuilder().setName(name).build()));
  }

  public Rollout retry(String name) throws ControlPlaneException {
    return call(
        fleet -> fleet.retryRollout(RetryRolloutRequest.newBuilder().setName(name).build()));
  }

  /** One rollout now, then each change, until the answers are closed. */
  public DevicesClient.Answers<Rollout> watch(String name) {
    return new DevicesClient.Answers<>(
        address,
        FleetGrpc.newBlockingV2Stub(channel)
            .watchRollouts(WatchRolloutsRequest.newBuilder().setName(name).build()));
  }
}
