package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.bench.grpc.hostile.MessageCampaign.Scale;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Attacks beside the others: calls on an agent's port, and HTTP/2 that is written by hand. */
final class SideAttacks extends Thread {
  /** Few: what an agent is busy with, an application waits for. */
  private static final int AT_ONCE = 4;

  private static final long PATIENCE_SECONDS = 120;

  private final long seed;
  private final Scale scale;
  private final int planePort;
  private final int agentPort;
  private final SoundRequests sound;
  private final Disturbances disturbances;
  private final Consumer<String> say;
  private long right;

  SideAttacks(
      long seed,
      Scale scale,
      int planePort,
      int agentPort,
      SoundRequests sound,
      Disturbances disturbances,
      Consumer<String> say) {
    super("side-attacks");
    this.seed = seed;
    this.scale = scale;
    this.planePort = planePort;
    this.agentPort = agentPort;
    this.sound = sound;
    this.disturbances = disturbances;
    this.say = say;
  }

  @Override
  public void run() {
    try (Attack onAgent =
        new Attack(HostileClient.plain(agentPort), disturbances, Verdict::of, AT_ONCE)) {
      HostileCalls calls = new HostileCalls(seed, Methods.of(agentPort), sound);
      long end = scale.agentCalls();
      CompletableFuture<?> unfinished =
          onAgent.unfinished(calls::unfinished, end, end + scale.unfinished() / 4);
      onAgent.run(calls::call, 0, end);
      onAgent.await();
      say.accept("the agent's port: " + onAgent.ends());
      long byHand = byHand();
      var unused = unfinished.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      right = onAgent.right() + byHand;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      disturbances.add("requests to the agent that never end were not ended");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (Exception e) {
      disturbances.add("attacks could not go on: " + e);
    }
  }

  private long byHand() throws Exception {
    List<MethodDescriptor<?, ?>> methods = Methods.of(planePort);
    long answered = 0;
    for (int i = 0; i < scale.raw(); i++) {
      MethodDescriptor<?, ?> method = methods.get(i % methods.size());
      RawAttack raw =
          new RawAttack(
              seed,
              i,
              method.getFullMethodName(),
              sound.first(method, new Random(i)).toByteString());
      Optional<String> wrong = raw.run(i % 5 == 4 ? agentPort : planePort);
      wrong.ifPresent(disturbances::add);
      answered += wrong.isPresent() ? 0 : 1;
    }
    return answered;
  }

  /** Messages that were answered as they should be; once it has ended. */
  long right() {
    return right;
  }
}
