package dev.heirloom.runtime.measure;

import dev.heirloom.runtime.graph.Attributes;

/**
 * A graph of a fixed shape whose time says how fast a machine is at one kind of work. The order is
 * that of the set; a change to any of them is a new {@link MicroProbes#VERSION}.
 */
enum MicroProbe {
  /** Nearly empty: what any run costs. */
  RUN(1, 1) {
    @Override
    byte[] onnx() {
      return ProbeGraph.scalar().node("Neg").onnx();
    }
  },

  /** Many operators with nothing to do: what a node costs. */
  NODES(64, 1) {
    @Override
    byte[] onnx() {
      ProbeGraph graph = ProbeGraph.of(16);
      for (int i = 0; i < 32; i++) {
        graph.node("Abs").node("Neg");
      }
      return graph.onnx();
    }
  },

  /** Low-rank convolutions of a small image: multiply-accumulates. */
  CONVOLUTION_SMALL(4, 49 * (64 * 9 * 16 + 16 * 64) / 2) {
    @Override
    byte[] onnx() {
      return pairs(64, 16, 7, 2).pooled();
    }
  },

  /** Low-rank convolutions of a large image: multiply-accumulates. */
  CONVOLUTION_LARGE(2, 784 * (32 * 9 * 16 + 16 * 32) / 2) {
    @Override
    byte[] onnx() {
      return pairs(32, 16, 28, 1).pooled();
    }
  },

  /** A convolution with a dense weight: multiply-accumulates. */
  CONVOLUTION_DENSE(1, 784 * 9 * 64 * 64) {
    @Override
    byte[] onnx() {
      return ProbeGraph.of(1, 64, 28, 28).convolved(64, 64, 3).pooled();
    }
  },

  /** Low-rank products of a few rows: multiply-accumulates. */
  PRODUCT_SMALL(8, 32 * 192 * 16) {
    @Override
    byte[] onnx() {
      ProbeGraph graph = ProbeGraph.of(32, 192);
      for (int i = 0; i < 4; i++) {
        graph.constant("MatMul", 192, 16).constant("MatMul", 16, 192);
      }
      return graph.averaged();
    }
  },

  /** Products with dense weights: multiply-accumulates. */
  PRODUCT_DENSE(2, 64 * 192 * 384) {
    @Override
    byte[] onnx() {
      return ProbeGraph.of(64, 192)
          .constant("MatMul", 192, 384)
          .constant("MatMul", 384, 192)
          .averaged();
    }
  },

  /** Products of a single row, bound by memory: multiply-accumulates. */
  ROW(2, 512 * 512) {
    @Override
    byte[] onnx() {
      return ProbeGraph.of(1, 512)
          .constant("MatMul", 512, 512)
          .constant("MatMul", 512, 512)
          .averaged();
    }
  },

  /** Cheap operators on an image, bound by memory: elements that come out. */
  ELEMENTS(8, 64 * 784) {
    @Override
    byte[] onnx() {
      ProbeGraph graph = ProbeGraph.of(1, 64, 28, 28);
      for (int i = 0; i < 2; i++) {
        graph.node("Relu").constant("Mul", 1, 64, 1, 1).constant("Add", 1, 64, 28, 28);
      }
      return graph.pooled();
    }
  },

  /** Normalisation, softmax, transcendental functions: elements that come out. */
  NORMALIZATION(8, 64 * 192) {
    @Override
    byte[] onnx() {
      ProbeGraph graph = ProbeGraph.of(64, 192);
      for (int i = 0; i < 2; i++) {
        graph.normalized(192).node("Softmax", Attributes.intAttribute("axis", -1)).node("Erf");
      }
      return graph.averaged();
    }
  };

  private final int operators;
  private final double workPerOperator;

  MicroProbe(int operators, double workPerOperator) {
    this.operators = operators;
    this.workPerOperator = workPerOperator;
  }

  /** The graph as an ONNX file. */
  abstract byte[] onnx();

  /** Operators that its time is spent in. */
  int operators() {
    return operators;
  }

  /** Work of one of its operators, on average, in the unit that its comment names. */
  double workPerOperator() {
    return workPerOperator;
  }

  private static ProbeGraph pairs(long channels, long rank, long extent, int pairs) {
    ProbeGraph graph = ProbeGraph.of(1, channels, extent, extent);
    for (int i = 0; i < pairs; i++) {
      graph.convolved(rank, channels, 3).convolved(channels, rank, 1);
    }
    return graph;
  }
}
