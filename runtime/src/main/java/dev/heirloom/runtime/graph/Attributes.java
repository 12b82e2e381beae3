package dev.heirloom.runtime.graph;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import java.util.Optional;

/** Reads and builds the attributes of a node. */
public final class Attributes {

  private Attributes() {}

  /** The attribute of that name, if the node has it. */
  public static Optional<AttributeProto> find(NodeProto node, String name) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return Optional.of(attribute);
      }
    }
    return Optional.empty();
  }

  /** An integer, or {@code dflt} where the node does not have it. */
  public static long i(NodeProto node, String name, long dflt) {
    return find(node, name).map(AttributeProto::getI).orElse(dflt);
  }

  /** A float, or {@code dflt} where the node does not have it. */
  public static float f(NodeProto node, String name, float dflt) {
    return find(node, name).map(AttributeProto::getF).orElse(dflt);
  }

  /** A string, or {@code dflt} where the node does not have it. */
  public static String s(NodeProto node, String name, String dflt) {
    return find(node, name).map(attribute -> attribute.getS().toStringUtf8()).orElse(dflt);
  }

  /** A list of integers, or {@code dflt} where the node does not have it. */
  public static long[] ints(NodeProto node, String name, long... dflt) {
    return find(node, name)
        .map(attribute -> attribute.getIntsList().stream().mapToLong(Long::longValue).toArray())
        .orElse(dflt);
  }

  /** A tensor, if the node has it. */
  public static Optional<TensorProto> tensor(NodeProto node, String name) {
    return find(node, name).filter(AttributeProto::hasT).map(AttributeProto::getT);
  }

  /** Builds an integer attribute. */
  public static AttributeProto intAttribute(String name, long value) {
    return named(name, AttributeProto.AttributeType.INT).setI(value).build();
  }

  /** Builds an attribute that is a list of integers. */
  public static AttributeProto intsAttribute(String name, long... values) {
    AttributeProto.Builder builder = named(name, AttributeProto.AttributeType.INTS);
    for (long value : values) {
      builder.addInts(value);
    }
    return builder.build();
  }

  /** Builds a float attribute. */
  public static AttributeProto floatAttribute(String name, float value) {
    return named(name, AttributeProto.AttributeType.FLOAT).setF(value).build();
  }

  /** Builds a string attribute. */
  public static AttributeProto stringAttribute(String name, String value) {
    return named(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /** Builds a tensor attribute. */
  public static AttributeProto tensorAttribute(String name, TensorProto value) {
    return named(name, AttributeProto.AttributeType.TENSOR).setT(value).build();
  }

  private static AttributeProto.Builder named(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
