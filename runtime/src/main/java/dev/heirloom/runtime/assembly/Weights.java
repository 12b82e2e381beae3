package dev.heirloom.runtime.assembly;

import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;

/**
 * A layer's constants as the runtime wants them: the rank padded with zeros, the patch's scale
 * multiplied into the up-projections. All float32, row-major.
 */
final class Weights {

  final FactorPair pair;
  final PatchLayer patch;

  /** The padded rank. */
  final int rank;

  Weights(FactorPair pair, PatchLayer patch, int rank) {
    this.pair = pair;
    this.patch = patch;
    this.rank = rank;
  }

  /** Rank × inputs. */
  float[] down() {
    float[] padded = new float[Math.multiplyExact(rank, pair.inputs())];
    System.arraycopy(pair.down(), 0, padded, 0, pair.down().length);
    return padded;
  }

  /** Inputs × rank. */
  float[] downTransposed() {
    int inputs = pair.inputs();
    float[] transposed = new float[Math.multiplyExact(rank, inputs)];
    for (int row = 0; row < pair.rank(); row++) {
      for (int column = 0; column < inputs; column++) {
        transposed[column * rank + row] = pair.down()[row * inputs + column];
      }
    }
    return transposed;
  }

  /** Outputs × rank, of one head. */
  float[] up(int head) {
    float[] scaled = new float[Math.multiplyExact(pair.outputs(), rank)];
    putUp(head, scaled, 0, rank, 1);
    return scaled;
  }

  /** Heads × (outputs × rank). */
  float[] upByHead() {
    int step = Math.multiplyExact(pair.outputs(), rank);
    float[] scaled = new float[Math.multiplyExact(pair.heads(), step)];
    for (int head = 0; head < pair.heads(); head++) {
      putUp(head, scaled, head * step, rank, 1);
    }
    return scaled;
  }

  /** (Heads × rank) × outputs. */
  float[] upTransposed() {
    int outputs = pair.outputs();
    float[] scaled = new float[Math.multiplyExact(Math.multiplyExact(pair.heads(), rank), outputs)];
    for (int head = 0; head < pair.heads(); head++) {
      putUp(head, scaled, head * rank * outputs, 1, outputs);
    }
    return scaled;
  }

  /** Rank × heads. */
  float[] gateTransposed() {
    int heads = pair.heads();
    float[] transposed = new float[Math.multiplyExact(rank, heads)];
    for (int head = 0; head < heads; head++) {
      for (int column = 0; column < pair.rank(); column++) {
        transposed[column * heads + head] = pair.gate()[head * pair.rank() + column];
      }
    }
    return transposed;
  }

  /** Heads × (heads × rank): repeats each head's weight once per rank. */
  float[] spread() {
    int heads = pair.heads();
    int wide = Math.multiplyExact(heads, rank);
    float[] ones = new float[Math.multiplyExact(heads, wide)];
    for (int head = 0; head < heads; head++) {
      for (int column = 0; column < rank; column++) {
        ones[head * wide + head * rank + column] = 1f;
      }
    }
    return ones;
  }

  private void putUp(int head, float[] target, int offset, int outputStep, int rankStep) {
    float[] up = pair.up(head);
    for (int output = 0; output < pair.outputs(); output++) {
      float scale = patch.scale(output);
      for (int column = 0; column < pair.rank(); column++) {
        target[offset + output * outputStep + column * rankStep] =
            scale * up[output * pair.rank() + column];
      }
    }
  }
}
