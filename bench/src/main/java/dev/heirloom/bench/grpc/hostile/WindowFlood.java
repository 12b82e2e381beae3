package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.ToAgent;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A device that sends windows as fast as it is let: every third a replay, every third none that can
 * be taken. It is held back, and its stream goes on.
 */
final class WindowFlood implements AutoCloseable {
  /** What one stream may send at once, and then a second. */
  static final int AT_ONCE = 500;

  static final int PER_SECOND = 50;

  private final ManagedChannel channel;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicLong answers = new AtomicLong();

  WindowFlood(String device, int port, SoundRequests sound, Disturbances disturbances) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    AgentsGrpc.newStub(channel)
        .connect(
            new ClientResponseObserver<FromAgent, ToAgent>() {
              private long sequence;

              @Override
              public void beforeStart(ClientCallStreamObserver<FromAgent> up) {
                up.setOnReadyHandler(
                    () -> {
                      if (sequence == 0) {
                        up.onNext(SoundRequests.hello(device, 1));
                      }
                      while (up.isReady()) {
                        up.onNext(next());
                        sent.incrementAndGet();
                      }
                    });
              }

              private FromAgent next() {
                sequence++;
                return switch ((int) (sequence % 3)) {
                  case 0 -> sound.window(1 + sequence / 2);
                  case 1 -> sound.window(sequence);
                  default -> {
                    FromAgent.Builder none = sound.window(sequence).toBuilder();
                    none.getWindowBuilder().setFamily("../" + sequence);
                    yield none.build();
                  }
                };
              }

              @Override
              public void onNext(ToAgent message) {
                answers.incrementAndGet();
              }

              @Override
              public void onError(Throwable failure) {
                // It does not read as fast as it is answered, either.
                boolean unread =
                    Status.fromThrowable(failure).getCode() == Status.Code.RESOURCE_EXHAUSTED;
                disturbances.require(
                    unread || closing.get(),
                    device + ": its flood was ended: " + failure.getMessage());
              }

              @Override
              public void onCompleted() {
                disturbances.add(device + ": its flood was completed");
              }
            });
  }

  /** Messages that its connection took. */
  long sent() {
    return sent.get();
  }

  /** Messages that it was told. */
  long answers() {
    return answers.get();
  }

  @Override
  public void close() {
    closing.set(true);
    channel.shutdownNow();
  }
}
