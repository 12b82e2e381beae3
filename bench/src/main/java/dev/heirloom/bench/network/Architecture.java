package dev.heirloom.bench.network;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;

/** The plan of a network: its dimensions without its weights. */
public interface Architecture {
  /** The operator set that networks are built for unless another is asked for. */
  int OPSET = 17;

  /** Adds the network's inputs, nodes and outputs to an empty graph. */
  void build(GraphBuilder graph);

  /**
   * The network with random weights, its batch axis free.
   *
   * @param opset version of the standard operator set, 9..22
   * @param seed of the weights; the same seed gives the same weights
   */
  default OnnxModel network(int opset, long seed) {
    GraphBuilder graph = new GraphBuilder(opset, seed);
    build(graph);
    try {
      return graph.model();
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The network with random weights for {@link #OPSET}. */
  default OnnxModel network(long seed) {
    return network(OPSET, seed);
  }
}
