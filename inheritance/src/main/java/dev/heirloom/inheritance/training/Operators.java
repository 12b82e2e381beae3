package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The operators that the interpreter knows, by name. */
final class Operators {
  static final String FACTOR_PAIR = "FactorPair";
  static final String DOMAIN = "dev.heirloom";

  private static final Map<String, Operator> STANDARD = new HashMap<>();

  static {
    List.of(
            ArithmeticOperators.ALL,
            ConvolutionOperators.ALL,
            IndexingOperators.ALL,
            LogicOperators.ALL,
            MatrixOperators.ALL,
            NormalizationOperators.ALL,
            PoolingOperators.ALL,
            ReductionOperators.ALL,
            RearrangingOperators.ALL,
            ResizeOperators.ALL,
            ShapeOperators.ALL)
        .forEach(STANDARD::putAll);
  }

  private Operators() {}

  /** The meaning of a node of the standard domain, unless it is unknown. */
  static Optional<Operator> of(NodeProto node) {
    boolean standard = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
    return standard ? Optional.ofNullable(STANDARD.get(node.getOpType())) : Optional.empty();
  }

  /** Names of the operators of the standard domain. */
  static Set<String> names() {
    return Set.copyOf(STANDARD.keySet());
  }

  static boolean isFactorPair(NodeProto node) {
    return node.getDomain().equals(DOMAIN) && node.getOpType().equals(FACTOR_PAIR);
  }

  /** The operator's name with its domain, the standard one left out. */
  static String name(NodeProto node) {
    return node.getDomain().isEmpty()
        ? node.getOpType()
        : node.getDomain() + "." + node.getOpType();
  }
}
