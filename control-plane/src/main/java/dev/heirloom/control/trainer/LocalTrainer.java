package dev.heirloom.control.trainer;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.control.JobSettings;
import dev.heirloom.control.cli.ClientAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainer process of one control plane, on the same machine: started when there is a job, ended
 * by itself when there was none for a while, begun anew with growing pauses where it fails. It ends
 * when this process does, however that ends: the pipe to its standard input closes.
 */
public final class LocalTrainer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalTrainer.class);
  private static final String MAIN = "dev.heirloom.control.cli.HeirloomMain";
  private static final long LOOK_MS = 500;
  private static final long SOUND_NS = Duration.ofSeconds(10).toNanos();
  private static final long FIRST_PAUSE_NS = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE_NS = Duration.ofSeconds(60).toNanos();
  private static final long POLITE_MS = 6000;
  private static final long MOST_LOG_BYTES = 4 << 20;
  private static final String FIRST_TO_GO = "1000";
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final List<Path> NICE = List.of(Path.of("/usr/bin/nice"), Path.of("/bin/nice"));

  private final Path directory;
  private final InetSocketAddress plane;
  private final ClientAccess access;
  private final JobSettings settings;
  private final Supplier<JobBoard> board;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "local-trainer");
            thread.setDaemon(true);
            return thread;
          });
  private Optional<Process> process = Optional.empty();
  private long startedNs;
  private long notBeforeNs;
  private long pauseNs = FIRST_PAUSE_NS;

  private LocalTrainer(
      Path directory,
      InetSocketAddress plane,
      ClientAccess access,
      JobSettings settings,
      Supplier<JobBoard> board,
      Clock clock) {
    this.directory = directory;
    this.plane = plane;
    this.access = access;
    this.settings = settings;
    this.board = board;
    this.clock = clock;
    this.notBeforeNs = System.nanoTime();
  }

  /**
   * Watches the jobs from now on.
   *
   * @param directory where the trainer works, and its log
   * @param plane where the control plane listens
   * @param access by what the trainer knows the control plane, and this the trainer
   */
  public static LocalTrainer watch(
      Path directory,
      InetSocketAddress plane,
      ClientAccess access,
      JobSettings settings,
      Supplier<JobBoard> board,
      Clock clock) {
    LocalTrainer trainer = new LocalTrainer(directory, plane, access, settings, board, clock);
    // Runs until the timer is shut down.
    ScheduledFuture<?> unused =
        trainer.timer.scheduleWithFixedDelay(
            trainer::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    return trainer;
  }

  private synchronized void look() {
    try {
      if (process.isPresent() && !process.get().isAlive()) {
        ended(process.get());
      }
      if (process.isEmpty() && wanted(board.get()) && System.nanoTime() - notBeforeNs >= 0) {
        start();
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the trainer could not be started: {}", e.toString());
      pause();
    }
  }

  /** A job waits and nobody for it, or the one that worked here has lost its process. */
  private boolean wanted(JobBoard jobs) {
    Optional<String> own = Workplace.trainerOf(directory);
    for (Job job : jobs.jobs().jobs()) {
      boolean waits = job.ready(clock.millis()) && jobs.idleTrainers() == 0;
      boolean left = job.state().running() && own.filter(job.trainer()::equals).isPresent();
      if (waits || left) {
        return true;
      }
    }
    return false;
  }

  private void ended(Process over) {
    process = Optional.empty();
    boolean sound = over.exitValue() == 0 || System.nanoTime() - startedNs > SOUND_NS;
    if (over.exitValue() != 0) {
      LOG.warn(
          "the trainer ended with code {}; see {}", over.exitValue(), directory.resolve("log"));
    }
    if (sound) {
      pauseNs = FIRST_PAUSE_NS;
    }
    pause();
  }

  private void pause() {
    notBeforeNs = System.nanoTime() + pauseNs;
    pauseNs = Math.min(LONGEST_PAUSE_NS, 2 * pauseNs);
  }

  private void start() throws IOException {
    Path log = Files.createDirectories(directory).resolve("log");
    boolean full = Files.exists(log) && Files.size(log) > MOST_LOG_BYTES;
    ProcessBuilder builder = new ProcessBuilder(command());
    Map<String, String> environment = builder.environment();
    // In the environment, so that the command line stays short.
    environment.put("CLASSPATH", System.getProperty("java.class.path"));
    environment.putIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
    access.putInto(environment);
    builder
        .redirectErrorStream(true)
        .redirectOutput(
            full
                ? ProcessBuilder.Redirect.to(log.toFile())
                : ProcessBuilder.Redirect.appendTo(log.toFile()));
    process = Optional.of(builder.start());
    startedNs = System.nanoTime();
    yieldMemory(process.get());
    LOG.info("trainer started as process {}", process.get().pid());
  }

  /** Where memory runs out, it is the trainer that the system ends, and not what serves devices. */
  private static void yieldMemory(Process trainer) {
    Path score = Path.of("/proc", Long.toString(trainer.pid()), "oom_score_adj");
    try {
      if (Files.isWritable(score)) {
        Files.writeString(score, FIRST_TO_GO);
      }
    } catch (IOException e) {
      LOG.debug("{} could not be set: {}", score, e.toString());
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    Optional<Path> nice = NICE.stream().filter(Files::isExecutable).findFirst();
    if (nice.isPresent() && settings.niceness() > 0) {
      command.addAll(List.of(nice.get().toString(), "-n", Integer.toString(settings.niceness())));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // A young generation by the size of the machine would be memory for nothing.
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmn32m", MAIN, "trainer"));
    command.addAll(List.of("--control-plane", address(), "--work", directory.toString()));
    command.addAll(List.of("--threads", Integer.toString(settings.threads())));
    command.addAll(List.of("--idle-exit", IDLE.toSeconds() + "s", "--until-input-ends"));
    return command;
  }

  private String address() {
    InetAddress host = plane.getAddress();
    InetAddress reached = host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host;
    String text = reached.getHostAddress();
    return (text.contains(":") ? "[" + text + "]" : text) + ":" + plane.getPort();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    Optional<Process> last;
    synchronized (this) {
      last = process;
      process = Optional.empty();
    }
    if (last.isPresent()) {
      end(last.get());
    }
  }

  private static void end(Process process) {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(POLITE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
  }
}
