package dev.heirloom.bench;

import dev.heirloom.bench.fuzz.FuzzCampaign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hostile ONNX files, and whether any of them does more than be refused: 100,000 files made from
 * sound models by flipped bits, overwritten, doubled, spliced and cut bytes, and by changes to
 * dims, types, names, inputs, attributes, versions and constants, each read, checked, factored and
 * assembled as a teacher is, every other one run by ONNX Runtime too where it passes the checks.
 *
 * <p>Figures: {@code files} tried; {@code crashes}, files after which the process died, hung, took
 * more than its 512 MB of heap or 2 GB in all, or threw anything but a refusal of one line; {@code
 * seconds}. A quick run tries 2,000 files. Files that crash are kept, and their numbers printed.
 */
final class OnnxFuzzBenchmark implements Benchmark {
  private static final long SEED = 2026;
  private static final long FILES = 100_000;
  private static final long QUICK_FILES = 2_000;
  private static final long LARGEST_SEED_BYTES = 400_000;

  @Override
  public String name() {
    return "onnx-fuzz";
  }

  @Override
  public String description() {
    return "damaged and hostile ONNX files read as teachers: crashes, hangs, memory";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atLeast("files", FILES), Goal.atMost("crashes", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    long began = System.nanoTime();
    Path kept = Files.createTempDirectory("heirloom-fuzz-");
    FuzzCampaign campaign =
        new FuzzCampaign(SEED, kept, large(), run.say(), run.interrupted(), ResidentPeak::bytes);
    long files = run.quick() ? QUICK_FILES : FILES;
    long step = Math.max(1, files / 10);
    for (long from = 0; from < files; from += step) {
      campaign.run(from, Math.min(files, from + step));
      run.say().accept(campaign.tried() + " files: " + campaign.outcomes());
    }
    if (campaign.crashes().isEmpty()) {
      remove(kept);
    }
    return Figures.none()
        .with("files", (double) campaign.tried())
        .with("crashes", campaign.crashes().size())
        .with("seconds", (System.nanoTime() - began) / 1e9);
  }

  /** Small ones of the teachers that are there; none where there are none. */
  private static List<Path> large() throws IOException {
    String root = System.getenv(Run.DATA_VARIABLE);
    Path models = Path.of(root == null ? "" : root).resolve("models").resolve("mlperf-tiny");
    if (root == null || root.isBlank() || !Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(models)) {
      return files
          .filter(file -> file.toString().endsWith(".onnx"))
          .filter(file -> file.toFile().length() <= LARGEST_SEED_BYTES)
          .sorted()
          .toList();
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
