package dev.heirloom.bench;

import dev.heirloom.bench.FactoredShapes.Shape;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.factor.InputMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The process whose memory is measured: it holds a teacher's weights and factors all of them, each
 * under a metric of its own that is dropped with it. Prints the resident peak before, with the
 * libraries loaded, and after, in bytes.
 */
final class FactoringMemory {
  private FactoringMemory() {}

  public static void main(String[] arguments) {
    Shape small = new Shape(16, 32);
    factor(small, small.weight(0), 0);
    long self = ProcessHandle.current().pid();
    long before = ResidentPeak.bytes(self);
    List<Shape> shapes = FactoredShapes.resNet50();
    List<float[]> weights = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      weights.add(shapes.get(i).weight(i));
    }
    List<Factorization> factors = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      factors.add(factor(shapes.get(i), weights.get(i), i));
    }
    System.out.println(before + " " + ResidentPeak.bytes(self) + " " + factors.size());
  }

  private static Factorization factor(Shape shape, float[] weight, long seed) {
    try (InputMetric metric = shape.metric(seed)) {
      int outputs = shape.outputs();
      int inputs = shape.inputs();
      long product = (long) outputs * inputs;
      int most = Math.toIntExact((product - 1) / ((long) outputs + inputs));
      return Factorization.upTo(
          most, weight, outputs, inputs, Optional.of(metric), Optional.empty());
    }
  }
}
