package dev.heirloom.bench.fuzz;

import dev.heirloom.bench.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * Tries a range of hostile files in processes of little memory, one after the other: one that dies,
 * hangs or takes too much is counted and followed by another that goes on behind it.
 */
public final class FuzzCampaign {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final long MOST_RESIDENT_BYTES = 2_000_000_000L;
  private static final int LOOK_EVERY = 64;
  private static final String END = "\u0004";

  /** Address space of a worker, so that none takes the machine's memory: 8 GiB, in KiB. */
  private static final String LIMIT = "ulimit -v 8388608; exec \"$@\"";

  private final long seed;
  private final Path directory;
  private final List<Path> large;
  private final Consumer<String> say;
  private final BooleanSupplier interrupted;
  private final LongUnaryOperator residentBytes;
  private final List<String> crashes = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private long tried;

  /**
   * @param directory to work in; files that crashed stay there
   * @param large sound models that a few files are made from
   * @param say hears of each crash
   * @param residentBytes largest resident memory of a process, by its id
   */
  public FuzzCampaign(
      long seed,
      Path directory,
      List<Path> large,
      Consumer<String> say,
      BooleanSupplier interrupted,
      LongUnaryOperator residentBytes) {
    this.seed = seed;
    this.directory = directory;
    this.large = List.copyOf(large);
    this.say = say;
    this.interrupted = interrupted;
    this.residentBytes = residentBytes;
  }

  /** Tries the files from one number up to, not including, another. */
  public void run(long from, long to) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    long next = from;
    while (next < to) {
      next = stretch(next, to);
      if (interrupted.getAsBoolean()) {
        throw new InterruptedException();
      }
    }
  }

  /** What went wrong, a line each. */
  public List<String> crashes() {
    return crashes;
  }

  /** Number of files tried. */
  public long tried() {
    return tried;
  }

  /** How many files were refused, assembled, or run by the runtime, too. */
  public String outcomes() {
    return outcomes.entrySet().stream()
        .map(e -> e.getValue() + " " + e.getKey().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  /** One process; returns the number to go on at. */
  private long stretch(long from, long to) throws IOException, InterruptedException {
    Process process = start(from, to);
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(process, lines), "fuzz-output");
    reader.setDaemon(true);
    reader.start();
    long at = from - 1;
    try {
      int silent = 0;
      while (!interrupted.getAsBoolean()) {
        String line = lines.poll(1, TimeUnit.SECONDS);
        if (line == null && ++silent < DEADLINE.toSeconds()) {
          continue;
        }
        silent = 0;
        if (line == null) {
          return crashed(Math.max(at, from), "no end within " + DEADLINE.toSeconds() + " s");
        }
        if (line.equals(END)) {
          process.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
          return crashed(Math.max(at, from), "the process died: code " + process.exitValue());
        }
        String[] words = line.split(" ", 3);
        switch (words[0]) {
          case "at" -> {
            at = Long.parseLong(words[1]);
            tried++;
            if (at % LOOK_EVERY == 0
                && residentBytes.applyAsLong(process.pid()) > MOST_RESIDENT_BYTES) {
              return crashed(
                  at, "more than 2 GB resident, here or up to " + LOOK_EVERY + " before");
            }
          }
          case "crash" -> crashed(Long.parseLong(words[1]), words[2]);
          case FuzzWorker.DONE -> {
            return to;
          }
          default -> outcomes.merge(line, 1, Integer::sum);
        }
      }
      return to;
    } finally {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  private long crashed(long number, String what) throws IOException {
    Path kept = directory.resolve("crash-" + number + ".onnx");
    Files.write(
        kept, FuzzWorker.files(seed, large.stream().map(Path::toString).toList()).file(number));
    String line = "file " + number + " of seed " + seed + ": " + what + " (kept as " + kept + ")";
    crashes.add(line);
    say.accept(line);
    return number + 1;
  }

  private Process start(long from, long to) throws IOException {
    Path work = Files.createDirectories(directory.resolve("work"));
    List<String> arguments =
        new ArrayList<>(
            List.of(Long.toString(seed), Long.toString(from), Long.toString(to), work.toString()));
    large.forEach(path -> arguments.add(path.toString()));
    ProcessBuilder builder =
        ChildJvm.builder(
            List.of("sh", "-c", LIMIT, "sh"),
            List.of(
                "-Xmx512m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + directory.resolve("hs_err_%p.log")),
            FuzzWorker.class,
            arguments);
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.redirectError(
        ProcessBuilder.Redirect.appendTo(directory.resolve("errors.log").toFile()));
    return builder.start();
  }

  private static void read(Process process, BlockingQueue<String> lines) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // The process was ended: what follows says so.
    }
    lines.add(END);
  }
}
