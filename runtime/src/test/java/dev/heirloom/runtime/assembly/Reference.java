package dev.heirloom.runtime.assembly;

import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;

/** A factored layer computed from its definition, in double precision, one element at a time. */
final class Reference {

  private Reference() {}

  /** {@code rows} × inputs → {@code rows} × outputs, each row with its own gate. */
  static float[] linear(FactorPair pair, PatchLayer patch, float[] x, int rows) {
    float[] y = new float[rows * pair.outputs()];
    for (int row = 0; row < rows; row++) {
      double[] z = new double[pair.rank()];
      for (int r = 0; r < z.length; r++) {
        for (int i = 0; i < pair.inputs(); i++) {
          z[r] += pair.down()[r * pair.inputs() + i] * x[row * pair.inputs() + i];
        }
      }
      double[] mix = gate(pair, patch, z);
      for (int o = 0; o < pair.outputs(); o++) {
        y[row * pair.outputs() + o] = output(pair, patch, z, mix, o);
      }
    }
    return y;
  }

  /** [batch, channels, height, width] → [batch, outputs, ...], a gate per sample. */
  static float[] convolution(
      FactorPair pair,
      PatchLayer patch,
      float[] x,
      int batch,
      int channels,
      int height,
      int width,
      long[] g) {
    int kh = pair.kernel().get(0);
    int kw = pair.kernel().get(1);
    int oh = (int) ((height + g[2] + g[4] - g[6] * (kh - 1) - 1) / g[0] + 1);
    int ow = (int) ((width + g[3] + g[5] - g[7] * (kw - 1) - 1) / g[1] + 1);
    float[] y = new float[batch * pair.outputs() * oh * ow];
    for (int b = 0; b < batch; b++) {
      double[][] z = new double[oh * ow][pair.rank()];
      double[] mean = new double[pair.rank()];
      for (int p = 0; p < z.length; p++) {
        for (int r = 0; r < pair.rank(); r++) {
          for (int c = 0; c < channels; c++) {
            for (int k = 0; k < kh * kw; k++) {
              long row = (p / ow) * g[0] - g[2] + (k / kw) * g[6];
              long column = (p % ow) * g[1] - g[3] + (k % kw) * g[7];
              if (row >= 0 && row < height && column >= 0 && column < width) {
                float pixel =
                    x[(int) ((((long) b * channels + c) * height + row) * width + column)];
                z[p][r] += pair.down()[r * pair.inputs() + c * kh * kw + k] * pixel;
              }
            }
          }
          mean[r] += z[p][r] / z.length;
        }
      }
      double[] mix = gate(pair, patch, mean);
      for (int p = 0; p < z.length; p++) {
        for (int o = 0; o < pair.outputs(); o++) {
          y[(b * pair.outputs() + o) * z.length + p] = output(pair, patch, z[p], mix, o);
        }
      }
    }
    return y;
  }

  private static double[] gate(FactorPair pair, PatchLayer patch, double[] z) {
    double[] mix = new double[pair.heads()];
    if (mix.length == 1) {
      mix[0] = 1;
      return mix;
    }
    double sum = 0;
    for (int h = 0; h < mix.length; h++) {
      double logit = patch.gateBias()[h];
      for (int r = 0; r < z.length; r++) {
        logit += pair.gate()[h * z.length + r] * z[r];
      }
      mix[h] = Math.exp(logit);
      sum += mix[h];
    }
    for (int h = 0; h < mix.length; h++) {
      mix[h] /= sum;
    }
    return mix;
  }

  private static float output(
      FactorPair pair, PatchLayer patch, double[] z, double[] mix, int output) {
    double sum = 0;
    for (int h = 0; h < mix.length; h++) {
      for (int r = 0; r < z.length; r++) {
        sum += mix[h] * pair.up(h)[output * z.length + r] * z[r];
      }
    }
    return (float)
        (sum * patch.scale(output) + (patch.bias().length > 0 ? patch.bias()[output] : 0));
  }
}
