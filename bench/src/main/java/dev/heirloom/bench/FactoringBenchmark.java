package dev.heirloom.bench;

import dev.heirloom.bench.FactoredShapes.Shape;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.factor.InputMetric;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.openblas.global.openblas;

/**
 * What factoring ResNet-50 costs: its 54 weights with random values, each under the metric of its
 * inputs as an inheritance does it, without one, and as a bare call of LAPACK's {@code dgesdd} on
 * the same float64 matrix; in turn, layer by layer.
 *
 * <p>Figures: {@code seconds} of all weighted factorisations; {@code ratio}, that over the bare
 * calls' {@code lapack_seconds}; {@code plain_seconds} without metrics; {@code peak_multiple}, the
 * peak of a process that holds all weights and factors them, above that of its loaded libraries,
 * over the weights and one batch of metric rows. A quick run times the first two stages only.
 */
final class FactoringBenchmark implements Benchmark {
  private static final int QUICK_SHAPES = 24;

  /** Options of the JVM that the launcher gives {@code inherit}. */
  private static final List<String> AS_INHERIT = List.of("-Xmn32m");

  @Override
  public String name() {
    return "factoring";
  }

  @Override
  public String description() {
    return "factoring ResNet-50's shapes against bare LAPACK, and the memory it takes";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("seconds", 60), Goal.atMost("ratio", 1.2), Goal.atMost("peak_multiple", 3));
  }

  @Override
  public Figures run(Run run) throws Exception {
    List<Shape> all = FactoredShapes.resNet50();
    List<Shape> shapes = run.quick() ? all.subList(0, QUICK_SHAPES) : all;
    weighted(shapes.get(1), 0);
    plain(shapes.get(1), 0);
    bare(shapes.get(1), 0);
    double weighted = 0;
    double plain = 0;
    double bare = 0;
    for (int i = 0; i < shapes.size(); i++) {
      run.check();
      Shape shape = shapes.get(i);
      if (i % 2 == 0) {
        bare += bare(shape, i);
      }
      double one = weighted(shape, i);
      weighted += one;
      plain += plain(shape, i);
      if (i % 2 == 1) {
        bare += bare(shape, i);
      }
      run.say()
          .accept(
              String.format(
                  "%d×%d: %.3f s; so far weighted %.2f, plain %.2f, bare %.2f s",
                  shape.outputs(), shape.inputs(), one, weighted, plain, bare));
    }
    return Figures.none()
        .with("seconds", weighted)
        .with("ratio", weighted / bare)
        .with("plain_seconds", plain)
        .with("lapack_seconds", bare)
        .with("peak_multiple", peakMultiple(all));
  }

  private static double weighted(Shape shape, long seed) {
    float[] weight = shape.weight(seed);
    try (InputMetric metric = shape.metric(seed)) {
      return factored(shape, weight, Optional.of(metric));
    }
  }

  private static double plain(Shape shape, long seed) {
    return factored(shape, shape.weight(seed), Optional.empty());
  }

  private static double factored(Shape shape, float[] weight, Optional<InputMetric> metric) {
    long began = System.nanoTime();
    Factorization factors = Factorization.of(weight, shape.outputs(), shape.inputs(), metric);
    double seconds = (System.nanoTime() - began) / 1e9;
    if (!(factors.lostEnergy(factors.fullRank() / 2) > 0)) {
      throw new IllegalStateException("random weights lost nothing at half their rank");
    }
    return seconds;
  }

  /** The economy decomposition, all factors, nothing around the call. */
  private static double bare(Shape shape, long seed) {
    int m = shape.outputs();
    int n = shape.inputs();
    int k = Math.min(m, n);
    float[] weight = shape.weight(seed);
    double[] column = new double[m];
    try (DoublePointer a = new DoublePointer((long) m * n);
        DoublePointer s = new DoublePointer(k);
        DoublePointer u = new DoublePointer((long) m * k);
        DoublePointer vt = new DoublePointer((long) k * n)) {
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < m; i++) {
          column[i] = weight[i * n + j];
        }
        a.position((long) j * m).put(column);
      }
      a.position(0);
      long began = System.nanoTime();
      int code =
          openblas.LAPACKE_dgesdd(
              openblas.LAPACK_COL_MAJOR, (byte) 'S', m, n, a, m, s, u, m, vt, k);
      double seconds = (System.nanoTime() - began) / 1e9;
      if (code != 0) {
        throw new ArithmeticException("dgesdd: code " + code);
      }
      return seconds;
    }
  }

  private static double peakMultiple(List<Shape> shapes)
      throws IOException, InterruptedException, CommandException {
    Process process =
        ChildJvm.builder(List.of(), AS_INHERIT, FactoringMemory.class, List.of())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new CommandException("the process that was to be measured ended early");
    }
    String[] numbers = output.substring(output.lastIndexOf('\n') + 1).split(" ", -1);
    long above = Long.parseLong(numbers[1]) - Long.parseLong(numbers[0]);
    long teacher = shapes.stream().mapToLong(Shape::bytes).sum();
    long batch = shapes.stream().mapToLong(Shape::batchBytes).max().orElse(0);
    return above / (double) (teacher + batch);
  }
}
