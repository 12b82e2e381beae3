package dev.heirloom.control;

import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.fleet.FleetChanges;
import dev.heirloom.control.fleet.FleetMirror;
import dev.heirloom.control.fleet.FleetSystem;
import dev.heirloom.control.fleet.RolloutDesk;
import dev.heirloom.control.fleet.VersionsInUse;
import dev.heirloom.control.grpc.GrpcEndpoint;
import dev.heirloom.control.http.FleetMetrics;
import dev.heirloom.control.http.HttpEndpoint;
import dev.heirloom.control.http.Stage;
import dev.heirloom.control.store.Backup;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.control.store.Collector;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.DirectoryLock;
import dev.heirloom.control.store.JournalDatabase;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.control.store.TrustDirectory;
import dev.heirloom.control.store.UploadRoom;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.control.tailor.HeirCache;
import dev.heirloom.control.trainer.LocalTrainer;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running control plane. Everything that it knows is in its data directory, also when it is
 * killed.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  /** Where the data directory keeps what makes a control plane ask who calls. */
  public static final String ACCESS = "access";

  /** Where the data directory keeps the fleet's keys. */
  public static final String TRUST = "trust";

  // Uploads, and where the trainer works that is started here.
  private static final String TEACHERS = "teachers";
  private static final String TRAINER = "trainer";

  private static final String BLOCKING = "heirloom.blocking-dispatcher";

  // Heirs for clients that are kept on the disk, and that may be on the heap at once.
  private static final String TAILORED = "tailored";
  private static final long TAILORED_BYTES = 1L << 30;
  private static final int ASSEMBLIES = 8;

  /** What was started, newest first: it is stopped in that order. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.STARTING);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private int grpcPort;
  private int httpPort;

  private ControlPlane() {}

  /**
   * Starts a control plane and returns when both of its ports answer.
   *
   * @throws StartException with one line for the person who started it
   * @throws InterruptedException where the calling thread is interrupted; nothing is left running
   */
  public static ControlPlane start(ControlPlaneSettings settings)
      throws StartException, InterruptedException {
    ControlPlane plane = new ControlPlane();
    boolean started = false;
    try {
      plane.startParts(settings);
      started = true;
      return plane;
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (MalformedException e) {
      throw new StartException("data directory is damaged: " + e.getMessage(), e);
    } catch (TimeoutException | ExecutionException e) {
      throw new StartException("the control plane does not come up: " + reason(e), e);
    } finally {
      if (!started) {
        plane.close();
      }
    }
  }

  private void startParts(ControlPlaneSettings settings)
      throws StartException,
          IOException,
          MalformedException,
          InterruptedException,
          ExecutionException,
          TimeoutException {
    InetAddress host = address(settings);
    requireFree("gRPC", new InetSocketAddress(host, settings.grpcPort()));
    requireFree("HTTP", new InetSocketAddress(host, settings.httpPort()));
    Path data = settings.data();
    started(DirectoryLock.take(data));
    DirectoryBlobStore blobs =
        new DirectoryBlobStore(Files.createDirectories(data.resolve("blobs")));
    DirectoryCatalogue catalogue =
        DirectoryCatalogue.open(data.resolve("families"), Clock.systemUTC());
    ReleaseDesk releases = new ReleaseDesk(trust(settings), catalogue, Clock.systemUTC());
    releases.signAll();
    JournalDatabase journal = started(JournalDatabase.open(data.resolve("db")));
    AccessParts access =
        started(
            AccessParts.open(data, journal.url(), settings.certificateValid(), Clock.systemUTC()));
    RankPolicy policy = new HeadroomPolicy();
    FleetSystem fleet = started(FleetSystem.start(journal.url(), catalogue, policy));
    Executor blocking = fleet.dispatcher(BLOCKING);
    FleetMetrics metrics = new FleetMetrics(catalogue, Clock.systemUTC());
    FleetMirror mirror =
        FleetMirror.follow(new FleetChanges(fleet.view()), metrics, fleet.system());
    metrics.observe(mirror::devices);
    RolloutDesk rollouts = RolloutDesk.open(fleet, catalogue, releases, metrics::changed, blocking);
    rollouts.awaitKnown();
    metrics.observeJobs(fleet.jobs()::board, Clock.systemUTC());
    UploadedFiles files = UploadedFiles.open(data.resolve(TEACHERS), Clock.systemUTC());
    BlobClaims claims = new BlobClaims();
    CollectionRounds collection =
        new CollectionRounds(
            new Collector(catalogue, blobs, claims, settings.keepVersions(), Clock.systemUTC()),
            new VersionsInUse(fleet.system(), fleet.twins(), rollouts::versions),
            metrics,
            blocking);
    httpPort =
        startHttp(
            new InetSocketAddress(host, settings.httpPort()),
            new HttpEndpoint.Ports(
                fleet.system(),
                fleet.view(),
                mirror,
                rollouts,
                catalogue,
                metrics,
                fleet.jobs(),
                journal::answers,
                stage::get,
                access.access(),
                access.tls(),
                blocking));
    grpcPort =
        startGrpc(
            new InetSocketAddress(host, settings.grpcPort()),
            new GrpcEndpoint.Ports(
                fleet.system(),
                fleet.twins(),
                fleet.view(),
                fleet.priors(),
                fleet.budgets(),
                rollouts,
                fleet.jobs(),
                files,
                new UploadRoom(
                    () -> Files.getFileStore(data).getUsableSpace(), settings.jobs().uploadBytes()),
                policy,
                catalogue,
                blobs,
                claims,
                releases,
                () -> Files.getFileStore(data).getUsableSpace(),
                metrics,
                settings.delivery(),
                new Backup(data, journal, catalogue, blobs, claims, Clock.systemUTC()),
                HeirCache.open(
                    data.resolve(TAILORED), TAILORED_BYTES, ASSEMBLIES, metrics, blocking),
                collection::ask,
                access.access(),
                access.tls(),
                blocking));
    access.watchExpiry(fleet.system(), blocking);
    stage.set(Stage.READY);
    collection.ask();
    UploadRounds.begin(files, fleet.jobs(), fleet.system(), blocking);
    if (settings.jobs().trainer()) {
      started(
          LocalTrainer.watch(
              data.resolve(TRAINER),
              new InetSocketAddress(host, grpcPort),
              access.trainer(),
              settings.jobs(),
              fleet.jobs()::board,
              Clock.systemUTC()));
    }
  }

  /** The fleet's keys; where there are none yet, the first are made. */
  private static TrustDirectory trust(ControlPlaneSettings settings)
      throws IOException, MalformedException {
    Path directory = settings.data().resolve(TRUST);
    if (TrustDirectory.exists(directory)) {
      return TrustDirectory.open(directory, directory);
    }
    return TrustDirectory.create(directory, directory);
  }

  /** Beyond loopback everything is encrypted and everybody asked, or the settings say otherwise. */
  private static InetAddress address(ControlPlaneSettings settings)
      throws StartException, IOException {
    try {
      InetAddress host = InetAddress.getByName(settings.host());
      boolean asks = AccessDirectory.existsWhole(settings.data().resolve(ACCESS));
      if (!host.isLoopbackAddress() && !asks && !settings.insecureBeyondLoopback()) {
        throw new StartException(
            settings.host()
                + " can be reached from other machines, and nothing is encrypted and nobody asked"
                + " who he is; 'heirloom init' changes that, --insecure-beyond-loopback accepts"
                + " it");
      }
      return host;
    } catch (UnknownHostException e) {
      throw new StartException("host " + settings.host() + " is not known", e);
    }
  }

  /** Before anything is begun: a port that is in use shall leave no trace on the disk. */
  private static void requireFree(String what, InetSocketAddress address) throws StartException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address);
    } catch (IOException e) {
      throw notBound(what, address, e);
    }
  }

  private int startGrpc(InetSocketAddress address, GrpcEndpoint.Ports ports)
      throws StartException, IOException {
    try {
      return started(GrpcEndpoint.start(address, ports)).port();
    } catch (IOException e) {
      throw notBound("gRPC", address, e);
    }
  }

  private int startHttp(InetSocketAddress address, HttpEndpoint.Ports ports)
      throws StartException, InterruptedException, ExecutionException, TimeoutException {
    try {
      return started(HttpEndpoint.start(address, ports)).port();
    } catch (ExecutionException e) {
      throw notBound("HTTP", address, e);
    }
  }

  private static StartException notBound(String what, InetSocketAddress address, Exception thrown) {
    String where =
        what + " port " + address.getPort() + " on " + address.getAddress().getHostAddress();
    // The cause is left out: its message would say less than this one.
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains("already in use")) {
        return new StartException(where + " is in use");
      }
    }
    return new StartException(where + " cannot be listened on: " + reason(thrown));
  }

  private static String reason(Throwable thrown) {
    Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private <T extends AutoCloseable> T started(T part) {
    parts.addFirst(part);
    return part;
  }

  /** The port that agents and clients call. */
  public int grpcPort() {
    return grpcPort;
  }

  /** The port of dashboard, JSON, metrics and health. */
  public int httpPort() {
    return httpPort;
  }

  /** Waits until the control plane is closed. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /** Stops everything, newest first; closing again changes nothing. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stage.set(Stage.DRAINING);
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not stop cleanly: {}", part.getClass().getSimpleName(), e.toString());
      }
    }
    stopped.countDown();
  }
}
