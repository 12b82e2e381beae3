package dev.heirloom.control.fleet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.prior.ClassPriors;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.twin.TwinPorts;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.control.store.DeviceNames;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/** The actor system of one node, a cluster of its own, with the twins and what serves them. */
public final class FleetSystem implements AutoCloseable {
  private static final Duration JOIN_PATIENCE = Duration.ofSeconds(30);
  private static final Duration SEED_PATIENCE = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
  private static final Duration INSTALL_RETRY = Duration.ofSeconds(5);
  private static final double JITTER = 0.2;

  private final ActorSystem<Void> system;
  private final Twins twins;
  private final ActorRef<ClassPriors.Command> priors;
  private final ActorRef<FleetView.Command> view;
  private final BudgetDesk budgets;
  private final JobDesk jobs;

  private FleetSystem(ActorSystem<Void> system, FamilyCatalogue catalogue, RankPolicy policy) {
    this.system = system;
    ActorRef<Topic.Command<DeviceStatus>> statuses =
        system.systemActorOf(
            Topic.create(DeviceStatus.class, "device-statuses"), "statuses", Props.empty());
    this.priors = system.systemActorOf(ClassPriors.create(), "priors", Props.empty());
    ClusterSharding sharding = ClusterSharding.get(system);
    this.twins = new Twins(sharding);
    this.budgets = BudgetDesk.open(system, sharding, twins::rulesChanged);
    this.jobs = JobDesk.open(system, sharding);
    this.view = system.systemActorOf(FleetView.create(statuses, twins::of), "view", Props.empty());
    DeviceTwin.init(
        sharding,
        ClusterShardingSettings.create(system),
        new TwinPorts(
            catalogue,
            policy,
            priors,
            statuses,
            Clock.systemUTC(),
            () -> ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER),
            INSTALL_RETRY,
            budgets));
  }

  /**
   * Starts the node and brings back every device that the journal knows.
   *
   * @param journalUrl database of the journal
   * @throws TimeoutException where the node does not come up
   */
  public static FleetSystem start(String journalUrl, FamilyCatalogue catalogue, RankPolicy policy)
      throws InterruptedException, ExecutionException, TimeoutException {
    Config config =
        ConfigFactory.parseMap(
                Map.of("pekko-persistence-jdbc.shared-databases.slick.db.url", journalUrl))
            .withFallback(ConfigFactory.load());
    ActorSystem<Void> system = created(config);
    boolean started = false;
    try {
      join(system);
      FleetSystem fleet = new FleetSystem(system, catalogue, policy);
      fleet.readRules();
      fleet.readJobs();
      fleet.seed();
      started = true;
      return fleet;
    } finally {
      if (!started) {
        stop(system);
      }
    }
  }

  /** Created on another thread: Pekko answers an interrupt meanwhile with a stack trace. */
  private static ActorSystem<Void> created(Config config)
      throws InterruptedException, ExecutionException {
    CompletableFuture<ActorSystem<Void>> system =
        CompletableFuture.supplyAsync(
            () -> ActorSystem.create(Behaviors.empty(), "heirloom", config));
    try {
      return system.get();
    } catch (InterruptedException e) {
      stop(system.join());
      throw e;
    }
  }

  private static void join(ActorSystem<?> system)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Boolean> up = new CompletableFuture<>();
    org.apache.pekko.cluster.Cluster.get(system).registerOnMemberUp(() -> up.complete(true));
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    up.get(JOIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Before any device connects: a twin asks this node, not the book. */
  private void readRules() throws InterruptedException, ExecutionException, TimeoutException {
    budgets.refresh().toCompletableFuture().get(JOIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The queue is awake from the start: leases end also where nobody asks. */
  private void readJobs() throws InterruptedException, ExecutionException, TimeoutException {
    jobs.refresh().toCompletableFuture().get(JOIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits a moment for the devices to be seen; with very many, the rest follows. */
  private void seed() throws InterruptedException, ExecutionException, TimeoutException {
    List<String> names =
        DeviceNames.read(system)
            .toCompletableFuture()
            .get(JOIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    view.tell(new FleetView.Seed(names));
    AskPattern.<FleetView.Command, Done>ask(
            view, FleetView.AwaitSeeded::new, SEED_PATIENCE, system.scheduler())
        .exceptionally(late -> Done.getInstance())
        .toCompletableFuture()
        .get(JOIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  public ActorSystem<Void> system() {
    return system;
  }

  public Twins twins() {
    return twins;
  }

  public ActorRef<ClassPriors.Command> priors() {
    return priors;
  }

  public ActorRef<FleetView.Command> view() {
    return view;
  }

  public BudgetDesk budgets() {
    return budgets;
  }

  public JobDesk jobs() {
    return jobs;
  }

  /** Runs what is configured under the name of a dispatcher. */
  public Executor dispatcher(String name) {
    return system.dispatchers().lookup(DispatcherSelector.fromConfig(name));
  }

  /** Stops every actor; what was persisted stays. */
  @Override
  public void close() {
    stop(system);
  }

  private static void stop(ActorSystem<?> system) {
    system.terminate();
    system
        .getWhenTerminated()
        .toCompletableFuture()
        .orTimeout(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(late -> null)
        .join();
  }
}
