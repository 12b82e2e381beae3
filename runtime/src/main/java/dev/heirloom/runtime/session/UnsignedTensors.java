package dev.heirloom.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import java.util.Map;

/**
 * Makes tensors of one unsigned type. The library's Java side reads those of more than 8 bits, but
 * has no call that creates one: a model of a single BitCast makes it from the signed type of the
 * same width, without a change of any bit.
 */
final class UnsignedTensors implements AutoCloseable {
  /** The first operator set with BitCast. */
  private static final int OPSET = 26;

  private static final int IR_VERSION = 10;
  private static final String IN = "signed";
  private static final String OUT = "unsigned";

  private final ElementType source;
  private final OrtSession session;

  private UnsignedTensors(ElementType source, OrtSession session) {
    this.source = source;
    this.session = session;
  }

  /** Whether tensors of a type have to be made here. */
  static boolean makes(ElementType type) {
    return source(type) != type;
  }

  static UnsignedTensors open(OrtEnvironment environment, ElementType type) throws OrtException {
    ElementType source = source(type);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      return new UnsignedTensors(
          source, environment.createSession(model(source, type).toByteArray(), options));
    }
  }

  /** The signed type that goes in. */
  ElementType source() {
    return source;
  }

  /** The same bits as an unsigned tensor, the only one of the result; the caller closes it. */
  OrtSession.Result cast(OnnxTensor signed) throws OrtException {
    return session.run(Map.of(IN, signed));
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("session not closed: " + e.getMessage(), e);
    }
  }

  private static ElementType source(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_UINT16 -> ElementType.ELEMENT_TYPE_INT16;
      case ELEMENT_TYPE_UINT32 -> ElementType.ELEMENT_TYPE_INT32;
      case ELEMENT_TYPE_UINT64 -> ElementType.ELEMENT_TYPE_INT64;
      default -> type;
    };
  }

  private static ModelProto model(ElementType source, ElementType target) {
    AttributeProto to =
        AttributeProto.newBuilder()
            .setName("to")
            .setType(AttributeProto.AttributeType.INT)
            .setI(ElementTypes.toOnnx(target))
            .build();
    NodeProto node =
        NodeProto.newBuilder()
            .setOpType("BitCast")
            .addInput(IN)
            .addOutput(OUT)
            .addAttribute(to)
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(
            GraphProto.newBuilder()
                .setName(OUT)
                .addInput(anyShape(IN, source))
                .addOutput(anyShape(OUT, target))
                .addNode(node))
        .build();
  }

  private static ValueInfoProto anyShape(String name, ElementType type) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(ElementTypes.toOnnx(type))))
        .build();
  }
}
