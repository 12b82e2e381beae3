package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.session.TensorValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Where a graph's answers are.
 *
 * @param output the output that holds the answers
 * @param logits the value before a softmax that makes the output of classes; else the output itself
 */
record Scores(String output, String logits) {
  private static final double LEAST_SHARE = 1e-12;

  /**
   * Finds them.
   *
   * @param lesson names the output; where it is about numbers, a softmax is left alone
   */
  static Scores of(GraphProto graph, Lesson lesson) {
    String named = lesson.purpose().output();
    String output = named.isEmpty() ? graph.getOutput(0).getName() : named;
    if (!lesson.purpose().namesClasses()) {
      return new Scores(output, output);
    }
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOutputList().contains(output) && node.getOpType().equals("Softmax")) {
        return new Scores(output, node.getInput(0));
      }
    }
    return new Scores(output, output);
  }

  /**
   * A network's answer as logits, in its own shape; of shares their logarithm, which is as good.
   */
  Tensor logits(TensorValue answer) {
    Tensor values = Tensors.floats(answer.toFloats(), answer.dims());
    return logits.equals(output)
        ? values
        : torch.log(torch.clamp_min(values, new Scalar(LEAST_SHARE)));
  }

  /** Scores with every axis but the last made one. */
  static Tensor rows(Tensor scores) {
    return scores.reshape(-1, scores.size(scores.dim() - 1));
  }
}
