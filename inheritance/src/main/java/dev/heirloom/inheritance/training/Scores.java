package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.session.TensorValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Where a graph's class scores are.
 *
 * @param output the graph's first output
 * @param logits the value before a softmax that makes the output; else the output itself
 */
record Scores(String output, String logits) {
  private static final double LEAST_SHARE = 1e-12;

  static Scores of(GraphProto graph) {
    String output = graph.getOutput(0).getName();
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOutputList().contains(output) && node.getOpType().equals("Softmax")) {
        return new Scores(output, node.getInput(0));
      }
    }
    return new Scores(output, output);
  }

  /** A network's answer as logits, [rows, classes]; of shares their logarithm, which is as good. */
  Tensor logits(TensorValue answer) {
    long[] dims = answer.dims();
    Tensor values = rows(Tensors.floats(answer.toFloats(), dims));
    return logits.equals(output)
        ? values
        : torch.log(torch.clamp_min(values, new Scalar(LEAST_SHARE)));
  }

  /** Scores with every axis but the last made one. */
  static Tensor rows(Tensor scores) {
    return scores.reshape(-1, scores.size(scores.dim() - 1));
  }
}
