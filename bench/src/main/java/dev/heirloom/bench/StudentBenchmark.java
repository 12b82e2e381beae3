package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.compare.ComparedMethod;
import dev.heirloom.control.compare.Comparison;
import dev.heirloom.control.compare.ComparisonReport;
import dev.heirloom.control.compare.ComparisonResult;
import dev.heirloom.control.compare.ComparisonSettings;
import dev.heirloom.control.compare.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Heirs beside students and the other methods, equal number of training samples, three seeds: how
 * many points of accuracy the default has above the best of the others.
 *
 * <p>Figures, per teacher and size in hundredths: {@code TEACHER_SIZE_METHOD_percent}, the mean
 * accuracy; {@code TEACHER_SIZE_margin_points}, the default's mean less the best of scratch,
 * distilled, svd and inhernet; {@code ..._margin_converged_points}, less a student's that was
 * trained until it got no better, where that was asked for; {@code worst_margin_points}, the least
 * of the margins; {@code worst_margin_035_02_points}, the same without size 0.5; {@code
 * worst_margin_allowed_points}, the least of the margins plus one standard deviation.
 *
 * <p>Takes hours, and can be done in pieces: finished cells are kept in {@code
 * bench/results/student-cells}, or where {@code HEIRLOOM_STUDENT_CELLS} says, and the next run goes
 * on with those that are missing. {@code HEIRLOOM_STUDENT_CONVERGE=1} adds the student that is
 * trained until it gets no better. A quick run makes one size of one teacher with one seed and five
 * steps, and keeps nothing: its margins mean nothing.
 */
final class StudentBenchmark implements Benchmark {
  private static final String CELLS_VARIABLE = "HEIRLOOM_STUDENT_CELLS";
  private static final String CONVERGE_VARIABLE = "HEIRLOOM_STUDENT_CONVERGE";
  private static final List<Double> SIZES = List.of(0.5, 0.35, 0.2);
  private static final double LARGEST_SIZE = 0.5;
  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);
  private static final List<ComparedMethod> RIVALS =
      List.of(
          ComparedMethod.SCRATCH,
          ComparedMethod.DISTILLED,
          ComparedMethod.SVD,
          ComparedMethod.INHERNET);

  /** A teacher and its data, below the directory of data sets. */
  private record Subject(String name, String train, String validate, List<String> normalize) {}

  private static final String FASHION = "data/fashion-mnist/";
  private static final Subject SMALLEST =
      new Subject(
          "digits-seen-and-heard",
          "data/digits-seen-and-heard/train.npz",
          "data/digits-seen-and-heard/test.npz",
          List.of());
  private static final List<Subject> SUBJECTS =
      List.of(
          SMALLEST,
          new Subject(
              "fashion-resnet14",
              FASHION + "train-images-idx3-ubyte.gz," + FASHION + "train-labels-idx1-ubyte.gz",
              FASHION + "t10k-images-idx3-ubyte.gz," + FASHION + "t10k-labels-idx1-ubyte.gz",
              List.of("0.2860/0.3530")));

  @Override
  public String name() {
    return "student";
  }

  @Override
  public String description() {
    return "points of accuracy above students, SVD and the published method (hours, in pieces)";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atLeast("worst_margin_035_02_points", 0),
        Goal.atLeast("worst_margin_allowed_points", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Path root = run.quick() ? run.directory().resolve("cells") : cells(run);
    Files.createDirectories(root);
    Margins margins = new Margins();
    for (Subject subject : run.quick() ? List.of(SMALLEST) : SUBJECTS) {
      Path report = root.resolve(subject.name());
      run.say().accept(subject.name() + ": cells are kept in " + report);
      ComparisonResult result =
          Comparison.run(settings(run, subject), report, new SpokenProgress(run));
      ComparisonReport.write(result, report).forEach(run.say());
      margins.add(subject.name(), result);
    }
    return margins.figures();
  }

  private static Path cells(Run run) throws CommandException {
    String named = System.getenv(CELLS_VARIABLE);
    return named == null || named.isBlank()
        ? Path.of(run.launcher()).resolveSibling("bench").resolve("results/student-cells")
        : Path.of(named);
  }

  private static ComparisonSettings settings(Run run, Subject subject)
      throws IOException, CommandException {
    List<ComparedMethod> methods = new ArrayList<>(RIVALS);
    methods.add(ComparedMethod.HEIRLOOM);
    methods.add(ComparedMethod.INT8);
    if ("1".equals(System.getenv(CONVERGE_VARIABLE)) && !run.quick()) {
      methods.add(ComparedMethod.CONVERGED);
    }
    return new ComparisonSettings(
        run.data("models/" + subject.name() + ".onnx"),
        below(run, subject.train()),
        below(run, subject.validate()),
        subject.normalize(),
        run.quick() ? List.of(SIZES.get(1)) : SIZES,
        run.quick() ? SEEDS.subList(0, 1) : SEEDS,
        run.quick() ? OptionalInt.of(5) : OptionalInt.empty(),
        List.of(),
        methods,
        "cpu",
        Runtime.getRuntime().availableProcessors());
  }

  /** A specification's files, each below the directory of data sets. */
  private static String below(Run run, String specification) throws CommandException {
    List<String> files = new ArrayList<>();
    for (String part : specification.split(",", -1)) {
      files.add(run.data(part).toString());
    }
    return String.join(",", files);
  }

  /** Collects the figures of one teacher after another. */
  private static final class Margins {
    private Figures figures = Figures.none();
    private double worst = Double.MAX_VALUE;
    private double worstBelowLargest = Double.MAX_VALUE;
    private double worstAllowed = Double.MAX_VALUE;

    void add(String teacher, ComparisonResult result) {
      String name = teacher.replace('-', '_');
      figures = figures.with(name + "_teacher_percent", 100 * result.teacher().accuracy());
      for (double size : SIZES) {
        String prefix = name + "_" + String.format(Locale.ROOT, "%03.0f", 100 * size);
        double best = 0;
        double bestDeviation = 0;
        for (Row row : result.rows()) {
          if (row.size().equals(OptionalDouble.of(size))) {
            double percent = 100 * row.accuracy().mean();
            figures = figures.with(prefix + "_" + row.method().title() + "_percent", percent);
            if (RIVALS.contains(row.method()) && percent > best) {
              best = percent;
              bestDeviation = 100 * row.accuracy().deviation();
            }
          }
        }
        Optional<Row> own = row(result, ComparedMethod.HEIRLOOM, size);
        if (own.isPresent() && best > 0) {
          margin(prefix, size, own.get(), best, bestDeviation);
        }
        Optional<Row> converged = row(result, ComparedMethod.CONVERGED, size);
        if (own.isPresent() && converged.isPresent()) {
          figures =
              figures.with(
                  prefix + "_margin_converged_points",
                  100 * (own.get().accuracy().mean() - converged.get().accuracy().mean()));
        }
      }
    }

    private void margin(String prefix, double size, Row own, double best, double bestDeviation) {
      double margin = 100 * own.accuracy().mean() - best;
      figures = figures.with(prefix + "_margin_points", margin);
      worst = Math.min(worst, margin);
      if (size < LARGEST_SIZE) {
        worstBelowLargest = Math.min(worstBelowLargest, margin);
      }
      double deviation = Math.max(bestDeviation, 100 * own.accuracy().deviation());
      worstAllowed = Math.min(worstAllowed, margin + deviation);
    }

    private static Optional<Row> row(ComparisonResult result, ComparedMethod method, double size) {
      return result.rows().stream()
          .filter(row -> row.method() == method && row.size().equals(OptionalDouble.of(size)))
          .findFirst();
    }

    Figures figures() throws CommandException {
      if (worst == Double.MAX_VALUE) {
        throw new CommandException("the default method was refused: there is no margin");
      }
      return figures
          .with("worst_margin_points", worst)
          .with("worst_margin_035_02_points", worstBelowLargest)
          .with("worst_margin_allowed_points", worstAllowed);
    }
  }
}
