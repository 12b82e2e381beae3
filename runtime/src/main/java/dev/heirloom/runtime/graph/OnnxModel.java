package dev.heirloom.runtime.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ONNX model whose graph was found whole: connected, free of cycles, every constant complete.
 */
public final class OnnxModel {

  /** A protobuf message cannot be longer than this. */
  public static final long MAX_BYTES = Integer.MAX_VALUE - 8L;

  private final ModelProto proto;
  private final String origin;
  private final int opset;
  private final Map<String, TensorProto> initializers;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;

  private OnnxModel(ModelProto proto, String origin) throws MalformedException {
    this.proto = proto;
    this.origin = origin;
    this.opset = opset(proto, origin);
    Map<String, TensorProto> constants = new LinkedHashMap<>();
    for (TensorProto tensor : proto.getGraph().getInitializerList()) {
      constants.put(tensor.getName(), tensor);
    }
    this.initializers = Collections.unmodifiableMap(constants);
    List<TensorSpec> specs = new ArrayList<>();
    for (ValueInfoProto value : proto.getGraph().getInputList()) {
      if (!constants.containsKey(value.getName())) {
        specs.add(input(value, origin));
      }
    }
    this.inputs = List.copyOf(specs);
    this.outputs = proto.getGraph().getOutputList().stream().map(OnnxModel::spec).toList();
    for (TensorSpec spec : inputs) {
      checkAxes("input", spec, origin);
    }
    for (TensorSpec spec : outputs) {
      checkAxes("output", spec, origin);
    }
  }

  /**
   * Reads a model file; tensors that it keeps in other files are loaded from its directory.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws MalformedException if the file is not a whole ONNX model
   */
  public static OnnxModel read(Path file) throws IOException, MalformedException {
    String origin = file.toString();
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      String what = Files.isDirectory(file) ? "a directory" : "not a regular file";
      throw new MalformedException(origin + ": " + what + " (expected: an ONNX file)");
    }
    checkBytes(origin, Files.size(file));
    ModelProto proto = decode(Files.readAllBytes(file), origin);
    return of(ExternalTensors.load(proto, file), origin);
  }

  /** Before anything of that size is allocated: whether a message and this program can hold it. */
  static void checkBytes(String origin, long size) throws MalformedException {
    if (size > MAX_BYTES) {
      throw new MalformedException(
          "%s: %d bytes (expected: at most %d; such a model has to be cut in parts first)"
              .formatted(origin, size, MAX_BYTES));
    }
    long memory = Runtime.getRuntime().maxMemory();
    if (size > memory) {
      throw new MalformedException(
          "%s: %d bytes, and this program may use %d of memory (-Xmx allows more)"
              .formatted(origin, size, memory));
    }
  }

  /**
   * Reads a model from its bytes.
   *
   * @param origin what error messages call the model
   * @throws MalformedException if the bytes are not a whole ONNX model
   */
  public static OnnxModel parse(byte[] bytes, String origin) throws MalformedException {
    return of(decode(bytes, origin), origin);
  }

  /**
   * Checks a model that is already decoded; nodes out of order are sorted.
   *
   * @param origin what error messages call the model
   * @throws MalformedException if the graph is not whole
   */
  public static OnnxModel of(ModelProto proto, String origin) throws MalformedException {
    if (!proto.hasGraph()) {
      throw new MalformedException(origin + ": not an ONNX model: it has no graph");
    }
    if (proto.getGraph().getNodeCount() == 0) {
      throw new MalformedException(origin + ": the graph has no nodes");
    }
    GraphProto graph = GraphCheck.sorted(proto.getGraph(), origin);
    return new OnnxModel(proto.toBuilder().setGraph(graph).build(), origin);
  }

  private static ModelProto decode(byte[] bytes, String origin) throws MalformedException {
    if (bytes.length == 0) {
      throw new MalformedException(origin + ": empty (expected: an ONNX model)");
    }
    try {
      // Tensors share the file's bytes: the model is in memory once.
      CodedInputStream input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      input.enableAliasing(true);
      ModelProto proto = ModelProto.parser().parseFrom(input);
      input.checkLastTagWas(0);
      return proto;
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException(origin + ": not an ONNX model, or truncated", e);
    }
  }

  /** What error messages call the model. */
  public String origin() {
    return origin;
  }

  /** The model as a message, its nodes in topological order. */
  public ModelProto proto() {
    return proto;
  }

  /** The version of the standard operator set. */
  public int opset() {
    return opset;
  }

  /** Graph inputs that are not initializers. */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /** Graph outputs. */
  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** Constant tensors by name, in file order. */
  public Map<String, TensorProto> initializers() {
    return initializers;
  }

  /** Nodes in topological order. */
  public List<NodeProto> nodes() {
    return proto.getGraph().getNodeList();
  }

  /** The model as a file's content. */
  public byte[] bytes() {
    return proto.toByteArray();
  }

  /**
   * Elements of all floating-point weights: initializers, and {@code Constant} nodes with more than
   * one element.
   */
  public long parameters() {
    long sum = 0;
    for (TensorProto tensor : initializers.values()) {
      if (OnnxTensors.isFloatingPoint(tensor)) {
        sum += OnnxTensors.elements(tensor);
      }
    }
    for (NodeProto node : nodes()) {
      if (node.getOpType().equals("Constant")) {
        long elements =
            Attributes.tensor(node, "value")
                .filter(OnnxTensors::isFloatingPoint)
                .map(OnnxTensors::elements)
                .orElseGet(
                    () ->
                        Attributes.find(node, "value_floats")
                            .map(a -> (long) a.getFloatsCount())
                            .orElse(0L));
        sum += elements > 1 ? elements : 0;
      }
    }
    return sum;
  }

  /**
   * The same model with more outputs, so that a session gives intermediate values; their types and
   * shapes are left to the runtime to infer. Names that are outputs already are not repeated.
   *
   * @throws IllegalArgumentException if nothing in the graph has one of the names
   */
  public OnnxModel withExtraOutputs(Collection<String> names) {
    Set<String> known = new HashSet<>();
    inputs.forEach(input -> known.add(input.name()));
    nodes().forEach(node -> known.addAll(node.getOutputList()));
    Set<String> present = new LinkedHashSet<>();
    outputs.forEach(output -> present.add(output.name()));
    GraphProto.Builder graph = proto.getGraph().toBuilder();
    for (String name : names) {
      if (name.isEmpty() || !known.contains(name)) {
        throw new IllegalArgumentException("output " + name + ": no node produces it");
      }
      if (present.add(name)) {
        graph.addOutput(ValueInfoProto.newBuilder().setName(name));
      }
    }
    try {
      return new OnnxModel(proto.toBuilder().setGraph(graph).build(), origin);
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Checks that every constant is a number and every weight a finite one; reads all of them.
   *
   * @throws MalformedException naming the first that is not
   */
  public void checkFinite() throws MalformedException {
    new FiniteCheck(this).run();
  }

  private static int opset(ModelProto proto, String origin) throws MalformedException {
    for (OperatorSetIdProto set : proto.getOpsetImportList()) {
      if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
        if (set.getVersion() < 1 || set.getVersion() > 1000) {
          throw new MalformedException(
              "%s: opset %d (expected: 1..1000)".formatted(origin, set.getVersion()));
        }
        return (int) set.getVersion();
      }
    }
    throw new MalformedException(origin + ": no version of the standard operator set");
  }

  private static TensorSpec input(ValueInfoProto value, String origin) throws MalformedException {
    TensorSpec spec = spec(value);
    if (spec.type() == ElementType.ELEMENT_TYPE_UNSPECIFIED) {
      throw new MalformedException(
          "%s: input %s has data type %d (expected: numbers, bool or string)"
              .formatted(origin, spec.name(), value.getType().getTensorType().getElemType()));
    }
    if (spec.dims().isEmpty()) {
      throw new MalformedException(
          "%s: input %s has no axes (expected: a batch axis first)".formatted(origin, spec.name()));
    }
    return spec;
  }

  private static void checkAxes(String what, TensorSpec spec, String origin)
      throws MalformedException {
    long elements = 1;
    for (int axis = 0; axis < spec.dims().size(); axis++) {
      long size = spec.dims().get(axis);
      if (size == 0) {
        throw new MalformedException(
            "%s: axis %d of %s %s has size 0 (expected: 1 or more, or a free axis)"
                .formatted(origin, axis, what, spec.name()));
      }
      if (size > OnnxTensors.MAX_ELEMENTS / elements) {
        throw new MalformedException(
            "%s: %s %s has axes %s (expected: at most %d elements)"
                .formatted(origin, what, spec.name(), spec.dims(), OnnxTensors.MAX_ELEMENTS));
      }
      elements *= Math.max(size, 1);
    }
  }

  private static TensorSpec spec(ValueInfoProto value) {
    TypeProto.Tensor type = value.getType().getTensorType();
    List<Long> dims = new ArrayList<>();
    for (TensorShapeProto.Dimension dim : type.getShape().getDimList()) {
      dims.add(dim.hasDimValue() && dim.getDimValue() >= 0 ? dim.getDimValue() : -1L);
    }
    return new TensorSpec(value.getName(), ElementTypes.ofOnnx(type.getElemType()), dims);
  }
}
