package dev.heirloom.bench.fuzz;

import dev.heirloom.proto.onnx.ModelProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An endless row of damaged and hostile ONNX files. The number of a file, with the seed, is all it
 * takes to make it again.
 */
public final class HostileFiles {
  private static final int LARGE_ONE_IN = 64;
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final List<ModelProto> small = SeedModels.all();
  private final List<ModelProto> large;

  /**
   * @param seed of the row
   * @param large sound models that a few files of the row are made from, beside the built-in ones
   */
  public HostileFiles(long seed, List<ModelProto> large) {
    this.seed = seed;
    this.large = List.copyOf(large);
  }

  /** The content of one file. */
  public byte[] file(long number) {
    SplittableRandom random = new SplittableRandom(seed + number * STRIDE);
    boolean fromLarge = !large.isEmpty() && random.nextInt(LARGE_ONE_IN) == 0;
    List<ModelProto> seeds = fromLarge ? large : small;
    ModelProto model = seeds.get(random.nextInt(seeds.size()));
    boolean sound = random.nextInt(4) != 0;
    int fields = sound ? Math.max(1, random.nextInt(-3, 4)) : random.nextInt(2);
    for (int i = 0; i < fields; i++) {
      model = Mutation.of(model, random);
    }
    byte[] bytes = model.toByteArray();
    int times = sound ? 0 : random.nextInt(1, 3);
    for (int i = 0; i < times && bytes.length > 0; i++) {
      bytes = damaged(bytes, random);
    }
    return bytes;
  }

  private byte[] damaged(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    int run = Math.min(bytes.length - at, random.nextInt(1, 33));
    byte[] result = bytes.clone();
    switch (random.nextInt(6)) {
      case 0 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 1 -> Arrays.fill(result, at, at + run, (byte) random.nextInt(256));
      case 2 -> {
        for (int i = at; i < at + run; i++) {
          result[i] = (byte) random.nextInt(256);
        }
      }
      case 3 -> {
        List<byte[]> parts = new ArrayList<>();
        parts.add(Arrays.copyOf(bytes, at + run));
        parts.add(Arrays.copyOfRange(bytes, at, bytes.length));
        return joined(parts);
      }
      case 4 -> {
        byte[] other = small.get(random.nextInt(small.size())).toByteArray();
        int from = random.nextInt(other.length);
        return joined(
            List.of(Arrays.copyOf(bytes, at), Arrays.copyOfRange(other, from, other.length)));
      }
      default -> {
        int flips = random.nextInt(1, 9);
        for (int i = 0; i < flips; i++) {
          result[random.nextInt(result.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return result;
  }

  private static byte[] joined(List<byte[]> parts) {
    byte[] whole = new byte[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }
}
