package dev.heirloom.bench.grpc;

import dev.heirloom.edge.link.GrpcBlobFetcher;
import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.edge.slot.BlobIntake;
import dev.heirloom.edge.slot.FetchTally;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.stream.Materializer;

/** Devices that fetch as agents do: over a connection each, to disk, every digest checked. */
public final class Downloads implements AutoCloseable {
  private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "downloads");
  private final Materializer materializer = Materializer.matFromSystem(system);
  private final int port;

  public Downloads(int port) {
    this.port = port;
  }

  /**
   * Fetches blobs into an empty directory.
   *
   * @param arrived adds up the bytes of their pieces
   * @return seconds
   */
  public double fetch(String device, List<Blob> blobs, Path into, AtomicLong arrived)
      throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      BlobFetcher fetcher = new GrpcBlobFetcher(AgentsGrpc.newStub(channel), device, materializer);
      BlobFetcher counted =
          (decision, ranges, pieces) ->
              fetcher.fetch(
                  decision,
                  ranges,
                  (index, offset, content, wire) -> {
                    pieces.accept(index, offset, content, wire);
                    arrived.addAndGet(content.size());
                  });
      long startNs = System.nanoTime();
      new BlobIntake(new DirectoryBlobStore(into)).fetch(blobs, counted, new FetchTally(1));
      return (System.nanoTime() - startNs) / 1e9;
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public void close() {
    system.terminate();
  }
}
