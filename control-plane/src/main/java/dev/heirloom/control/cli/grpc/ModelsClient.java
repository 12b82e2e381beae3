package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.HostPort;
import dev.heirloom.proto.v1.FamilySummary;
import dev.heirloom.proto.v1.ListFamiliesRequest;
import dev.heirloom.proto.v1.ModelsGrpc;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.TailorResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a client that is no agent asks of a control plane. */
public final class ModelsClient {
  private static final Duration CALL = Duration.ofSeconds(15);
  private static final Duration TAILOR = Duration.ofMinutes(30);

  private final ControlPlaneClient client;

  /**
   * @param client whose connection is used, and stays the caller's
   */
  public ModelsClient(ControlPlaneClient client) {
    this.client = client;
  }

  /** Every version of every family, newest last. */
  public List<FamilySummary> families() throws ControlPlaneException {
    try {
      return stub(CALL).listFamilies(ListFamiliesRequest.getDefaultInstance()).getFamiliesList();
    } catch (StatusException e) {
      throw ControlPlaneException.of(client.address(), e);
    }
  }

  /** The rung that suits a device. */
  public RecommendResponse recommend(RecommendRequest request) throws ControlPlaneException {
    try {
      return stub(CALL).recommend(request);
    } catch (StatusException e) {
      throw ControlPlaneException.of(client.address(), e);
    }
  }

  /** The same with the heir, message after message. */
  public Answer tailor(RecommendRequest request) {
    return new Answer(client.address(), stub(TAILOR).tailor(request));
  }

  private ModelsGrpc.ModelsBlockingV2Stub stub(Duration limit) {
    return ModelsGrpc.newBlockingV2Stub(client.channel())
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** An answer as it comes, no faster than it is read. */
  public static final class Answer implements AutoCloseable {
    private final HostPort address;
    private final BlockingClientCall<?, TailorResponse> call;

    Answer(HostPort address, BlockingClientCall<?, TailorResponse> call) {
      this.address = address;
      this.call = call;
    }

    /** The next message; empty at the end. */
    public Optional<TailorResponse> next() throws ControlPlaneException, InterruptedException {
      try {
        return Optional.ofNullable(call.read());
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
