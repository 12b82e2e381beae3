package dev.heirloom.control.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * One method at one size, over its seeds.
 *
 * @param cells one per seed
 * @param timings one per cell
 */
public record Row(
    ComparedMethod method, OptionalDouble size, List<Cell> cells, List<Timing> timings) {

  public Row {
    cells = List.copyOf(cells);
    timings = List.copyOf(timings);
    if (cells.isEmpty() || cells.size() != timings.size()) {
      throw new IllegalArgumentException(
          "timings: " + timings.size() + " (expected: " + cells.size() + ", 1 or more)");
    }
  }

  /** Shares of validation labels met, 0..1. */
  public Spread accuracy() {
    return spread(Cell::accuracy);
  }

  public Spread agreement() {
    return spread(Cell::agreement);
  }

  /** Elements of all weights. */
  public Spread parameters() {
    return spread(Cell::parameters);
  }

  /** Multiply-accumulates of one sample. */
  public Spread macs() {
    return spread(Cell::macs);
  }

  /** Bytes of the ONNX file. */
  public Spread bytes() {
    return spread(Cell::bytes);
  }

  public Spread samplesSeen() {
    return spread(Cell::samplesSeen);
  }

  public Spread seconds() {
    return spread(Cell::seconds);
  }

  /** Median latency over the teacher's. */
  public Spread timeRatio() {
    return Spread.of(timings.stream().map(Timing::ratio).toList());
  }

  public long p50Ns() {
    return Math.round(timings.stream().mapToLong(t -> t.network().p50Ns()).average().orElseThrow());
  }

  public long p95Ns() {
    return Math.round(timings.stream().mapToLong(t -> t.network().p95Ns()).average().orElseThrow());
  }

  private Spread spread(ToDoubleFunction<Cell> figure) {
    List<Double> values = new ArrayList<>();
    cells.forEach(cell -> values.add(figure.applyAsDouble(cell)));
    return Spread.of(values);
  }
}
