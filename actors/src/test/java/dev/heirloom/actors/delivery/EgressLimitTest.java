package dev.heirloom.actors.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.runtime.family.MemoryBlobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EgressLimitTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private EgressLimit limit(OptionalLong total, OptionalLong device) {
    return new EgressLimit(total, device, clock::get);
  }

  @Test
  void piecesLeaveNoFasterThanTheTotalAllows() {
    EgressLimit limit = limit(OptionalLong.of(1000), OptionalLong.empty());
    assertThat(limit.reserve("a", 500)).isZero();
    assertThat(limit.reserve("b", 500)).isEqualTo(SECOND / 2);
    assertThat(limit.reserve("a", 500)).isEqualTo(SECOND);
    clock.set(10 * SECOND);
    assertThat(limit.reserve("a", 500)).as("what was not used is not saved up").isZero();
    assertThat(limit.reserve("a", 500)).isEqualTo(SECOND / 2);
  }

  @Test
  void withoutLimitsNothingWaits() {
    EgressLimit limit = EgressLimit.none();
    assertThat(limit.reserve("a", Integer.MAX_VALUE)).isZero();
    assertThat(limit.reserve("a", Integer.MAX_VALUE)).isZero();
  }

  @Test
  void limitsThatAreNoneAreRefused() {
    assertThatThrownBy(() -> limit(OptionalLong.of(0), OptionalLong.empty()))
        .hasMessage("totalBytesPerSecond: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> limit(OptionalLong.empty(), OptionalLong.of(-1)))
        .hasMessage("deviceBytesPerSecond: -1 (expected: 1 or more)");
  }

  private static CompletionStage<Done> transfer(
      EgressLimit limit, String device, int pieces, List<String> passed) {
    MemoryBlobStore store = new MemoryBlobStore();
    Range whole = new Range(store.put(new byte[1000 * pieces]), 0);
    return BlobSource.of(store, List.of(whole), 1000, limit, device)
        .runWith(Sink.foreach(piece -> passed.add(device)), KIT.system());
  }

  @Test
  void transfersThatWantMoreThanThereIsGetEqualShares() throws Exception {
    EgressLimit limit = new EgressLimit(OptionalLong.of(100_000), OptionalLong.empty());
    List<String> passed = new CopyOnWriteArrayList<>();
    List<CompletionStage<Done>> all = new ArrayList<>();
    for (String device : List.of("a", "b", "c", "d")) {
      all.add(transfer(limit, device, 30, passed));
    }
    long start = System.nanoTime();
    for (CompletionStage<Done> one : all) {
      one.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
    assertThat(System.nanoTime() - start).isGreaterThan(SECOND);
    // While all four want more: from when the last has begun to when the first has ended.
    List<String> devices = List.of("a", "b", "c", "d");
    int from = devices.stream().mapToInt(passed::indexOf).max().orElseThrow();
    int to = devices.stream().mapToInt(passed::lastIndexOf).min().orElseThrow();
    List<String> meanwhile = passed.subList(from, to);
    assertThat(meanwhile).hasSizeGreaterThan(40);
    for (String device : devices) {
      assertThat(meanwhile.stream().filter(device::equals).count())
          .as("pieces of %s of %d", device, meanwhile.size())
          .isCloseTo(meanwhile.size() / 4L, within(3L));
    }
    assertThat(limit.devices()).isZero();
  }

  @Test
  void transfersToOneDeviceShareItsLimit() throws Exception {
    EgressLimit limit = new EgressLimit(OptionalLong.empty(), OptionalLong.of(50_000));
    List<String> passed = new CopyOnWriteArrayList<>();
    long start = System.nanoTime();
    CompletionStage<Done> one = transfer(limit, "slow", 20, passed);
    CompletionStage<Done> two = transfer(limit, "slow", 20, passed);
    one.toCompletableFuture().get(20, TimeUnit.SECONDS);
    two.toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(System.nanoTime() - start).isGreaterThan(7 * SECOND / 10);
  }
}
