package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.MalformedException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * One factored layer: a down-projection, an up-projection per head, and the gate that weighs the
 * heads. The arrays are shared, not copied: whoever gets one reads it only.
 */
public final class FactorPair {

  private final String name;
  private final LayerKind kind;
  private final int outputs;
  private final int inputs;
  private final int heads;
  private final List<Integer> kernel;
  private final int rank;
  private final float[] down;
  private final List<float[]> up;
  private final float[] gate;

  /**
   * @param name the layer's name in the manifest
   * @param kind convolution or linear map
   * @param outputs channels or features that come out
   * @param inputs features that go in; for a convolution channels × kernel positions
   * @param kernel a convolution's kernel extents; empty for a linear map
   * @param rank rows of the down-projection
   * @param down float32, row-major, rank × inputs
   * @param up per head float32, row-major, outputs × rank
   * @param gate float32, row-major, heads × rank; empty for one head
   */
  public FactorPair(
      String name,
      LayerKind kind,
      int outputs,
      int inputs,
      List<Integer> kernel,
      int rank,
      float[] down,
      List<float[]> up,
      float[] gate) {
    this.name = name;
    this.kind = kind;
    this.outputs = positive("outputs", outputs);
    this.inputs = positive("inputs", inputs);
    this.kernel = List.copyOf(kernel);
    this.rank = positive("rank", rank);
    this.heads = positive("heads", up.size());
    this.down = sized("down", down, (long) rank * inputs);
    this.up = List.copyOf(up);
    this.up.forEach(head -> sized("up", head, (long) outputs * rank));
    this.gate = sized("gate", gate, heads == 1 ? 0 : (long) heads * rank);
  }

  /** The layer's name in the manifest. */
  public String name() {
    return name;
  }

  /** Convolution or linear map. */
  public LayerKind kind() {
    return kind;
  }

  /** Channels or features that come out. */
  public int outputs() {
    return outputs;
  }

  /** Features that go in; for a convolution channels × kernel positions. */
  public int inputs() {
    return inputs;
  }

  /** Up-projections. */
  public int heads() {
    return heads;
  }

  /** A convolution's kernel extents; empty for a linear map. */
  public List<Integer> kernel() {
    return kernel;
  }

  /** Rows of the down-projection. */
  public int rank() {
    return rank;
  }

  /** Float32, row-major, rank × inputs. */
  public float[] down() {
    return down;
  }

  /** Float32, row-major, outputs × rank. */
  public float[] up(int head) {
    return up.get(head);
  }

  /** Float32, row-major, heads × rank; empty for one head. */
  public float[] gate() {
    return gate;
  }

  /**
   * Weights at this rank: {@code rank·(inputs + heads·outputs)} and the gate's, biases not counted.
   */
  public long parameters() {
    return (long) rank * (inputs + (long) heads * outputs) + gate.length;
  }

  /** The same layer with its first {@code smaller} ranks only. */
  public FactorPair prefix(int smaller) {
    if (smaller < 1 || smaller > rank) {
      throw new IllegalArgumentException("rank: " + smaller + " (expected: 1.." + rank + ")");
    }
    if (smaller == rank) {
      return this;
    }
    return new FactorPair(
        name,
        kind,
        outputs,
        inputs,
        kernel,
        smaller,
        Arrays.copyOf(down, smaller * inputs),
        up.stream().map(head -> columns(head, outputs, rank, smaller)).toList(),
        heads == 1 ? gate : columns(gate, heads, rank, smaller));
  }

  /**
   * The same map with one head, for a gate that always says the same: {@code U = Σ_h a_h U_h}.
   *
   * @param shares weight of each head, [heads]
   */
  public FactorPair folded(float[] shares) {
    if (shares.length != heads) {
      throw new IllegalArgumentException(
          "shares: " + shares.length + " (expected: " + heads + ", one per head)");
    }
    float[] sum = new float[outputs * rank];
    for (int head = 0; head < heads; head++) {
      float[] own = up.get(head);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += shares[head] * own[i];
      }
    }
    return new FactorPair(
        name, kind, outputs, inputs, kernel, rank, down, List.of(sum), new float[0]);
  }

  /**
   * The content of the band from one rank to the next as float32, in the layout of {@link Band}.
   *
   * @throws IllegalArgumentException unless 0 ≤ {@code fromRank} &lt; {@code toRank} ≤ rank
   */
  public byte[] band(int fromRank, int toRank) {
    return band(fromRank, toRank, Wire.FP32);
  }

  /** The same, written otherwise. */
  public byte[] band(int fromRank, int toRank, Wire wire) {
    return wire.encode(bandValues(fromRank, toRank));
  }

  /** Whether each factor's part of a band may be written so. */
  public boolean keeps(int fromRank, int toRank, Wire wire) {
    if (wire == Wire.FP32) {
      return true;
    }
    FloatBuffer values = bandValues(fromRank, toRank);
    int ranks = toRank - fromRank;
    boolean kept = wire.keeps(values.slice(0, ranks * inputs));
    for (int head = 0; head < heads && kept; head++) {
      kept = wire.keeps(values.slice(ranks * (inputs + head * outputs), ranks * outputs));
    }
    int gateAt = ranks * (inputs + heads * outputs);
    return kept && wire.keeps(values.slice(gateAt, values.limit() - gateAt));
  }

  private FloatBuffer bandValues(int fromRank, int toRank) {
    if (fromRank < 0 || fromRank >= toRank || toRank > rank) {
      throw new IllegalArgumentException(
          "band: %d..%d (expected: within 0..%d)".formatted(fromRank, toRank, rank));
    }
    FloatBuffer values =
        FloatBuffer.allocate(
            Math.toIntExact(bandElements(toRank - fromRank, outputs, inputs, heads)));
    values.put(down, fromRank * inputs, (toRank - fromRank) * inputs);
    for (float[] head : up) {
      putColumns(values, head, outputs, fromRank, toRank);
    }
    if (heads > 1) {
      putColumns(values, gate, heads, fromRank, toRank);
    }
    return values.flip();
  }

  /** Bytes of a band that adds {@code ranks} ranks. */
  public static long bandBytes(long ranks, long outputs, long inputs, long heads, Wire wire) {
    return Math.multiplyExact(
        bandElements(ranks, outputs, inputs, heads), (long) wire.valueBytes());
  }

  private static long bandElements(long ranks, long outputs, long inputs, long heads) {
    long perRank =
        Math.addExact(
            Math.addExact(inputs, Math.multiplyExact(heads, outputs)), heads > 1 ? heads : 0);
    return Math.multiplyExact(ranks, perRank);
  }

  /**
   * Puts a layer together from the contents of its first bands.
   *
   * @param layer the layer in a checked manifest
   * @param rank where the last of {@code bands} ends
   * @param bands contents in rank order
   * @throws MalformedException if the contents do not fit the layer
   */
  public static FactorPair fromBands(FactoredLayer layer, int rank, List<byte[]> bands)
      throws MalformedException {
    int outputs = layer.getOutputs();
    int inputs = layer.getInputs();
    int heads = layer.getHeads();
    checkBands(layer, rank, bands);
    float[] down = new float[Math.multiplyExact(rank, inputs)];
    float[][] up = new float[heads][Math.multiplyExact(outputs, rank)];
    float[] gate = new float[heads == 1 ? 0 : Math.multiplyExact(heads, rank)];
    for (int b = 0; b < bands.size(); b++) {
      Band band = layer.getBands(b);
      int from = band.getFromRank();
      int to = band.getToRank();
      FloatBuffer values = values(layer, band, bands.get(b));
      values.get(down, from * inputs, (to - from) * inputs);
      for (float[] head : up) {
        getColumns(values, head, outputs, rank, from, to);
      }
      if (heads > 1) {
        getColumns(values, gate, heads, rank, from, to);
      }
    }
    return new FactorPair(
        layer.getName(),
        layer.getKind(),
        outputs,
        inputs,
        layer.getKernelList(),
        rank,
        down,
        List.of(up),
        gate);
  }

  private static FloatBuffer values(FactoredLayer layer, Band band, byte[] content)
      throws MalformedException {
    try {
      return Wire.of(band.getWire()).decode(content);
    } catch (MalformedException e) {
      throw new MalformedException(
          "layer %s: band %d..%d: %s"
              .formatted(layer.getName(), band.getFromRank(), band.getToRank(), e.getMessage()),
          e);
    }
  }

  private static void checkBands(FactoredLayer layer, int rank, List<byte[]> bands)
      throws MalformedException {
    String origin = "layer " + layer.getName();
    if (bands.isEmpty() || bands.size() > layer.getBandsCount()) {
      throw new MalformedException(
          "%s: %d bands (expected: 1..%d)".formatted(origin, bands.size(), layer.getBandsCount()));
    }
    int reached = 0;
    for (int b = 0; b < bands.size(); b++) {
      Band band = layer.getBands(b);
      if (band.getFromRank() != reached || band.getToRank() <= reached) {
        throw new MalformedException(
            "%s: band %d..%d (expected: from %d)"
                .formatted(origin, band.getFromRank(), band.getToRank(), reached));
      }
      long expected =
          bandBytes(
              band.getToRank() - band.getFromRank(),
              layer.getOutputs(),
              layer.getInputs(),
              layer.getHeads(),
              Wire.of(band.getWire()));
      if (bands.get(b).length != expected) {
        throw new MalformedException(
            "%s: band %d..%d holds %d bytes (expected: %d)"
                .formatted(
                    origin, band.getFromRank(), band.getToRank(), bands.get(b).length, expected));
      }
      reached = band.getToRank();
    }
    if (reached != rank) {
      throw new MalformedException(
          "%s: bands reach rank %d (expected: %d)".formatted(origin, reached, rank));
    }
  }

  private void putColumns(FloatBuffer values, float[] matrix, int rows, int from, int to) {
    for (int column = from; column < to; column++) {
      for (int row = 0; row < rows; row++) {
        values.put(matrix[row * rank + column]);
      }
    }
  }

  private static void getColumns(
      FloatBuffer values, float[] matrix, int rows, int rank, int from, int to) {
    for (int column = from; column < to; column++) {
      for (int row = 0; row < rows; row++) {
        matrix[row * rank + column] = values.get();
      }
    }
  }

  private static float[] columns(float[] matrix, int rows, int from, int to) {
    float[] kept = new float[rows * to];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(matrix, row * from, kept, row * to, to);
    }
    return kept;
  }

  private static int positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: 1 or more)");
    }
    return value;
  }

  private static float[] sized(String what, float[] values, long expected) {
    if (values.length != expected) {
      throw new IllegalArgumentException(
          what + ": " + values.length + " values (expected: " + expected + ")");
    }
    return values;
  }
}
