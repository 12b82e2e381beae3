package dev.heirloom.runtime.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A model that is loaded and can be run. Runs may overlap; {@link #close} waits for those that have
 * begun. The opener owns it.
 */
public final class OnnxSession implements AutoCloseable {

  private final OrtSession session;
  private final NativeTensors tensors;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private OnnxSession(OrtEnvironment environment, OrtSession session) throws OrtException {
    this.session = session;
    this.inputs = specs(session.getInputInfo().values());
    this.outputs = specs(session.getOutputInfo().values());
    this.tensors = NativeTensors.open(environment, inputs);
  }

  /**
   * Loads a model.
   *
   * @param onnx a whole ONNX file
   * @throws SessionException if the runtime does not take the model, or lacks the device
   */
  public static OnnxSession open(byte[] onnx, SessionSettings settings) throws SessionException {
    OrtEnvironment environment = SharedEnvironment.get();
    try (OrtSession.SessionOptions options = options(settings)) {
      OrtSession session = environment.createSession(onnx, options);
      try {
        return new OnnxSession(environment, session);
      } catch (OrtException e) {
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw failure("the runtime does not take the model", e);
    }
  }

  /** The model's inputs, in its order. */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /** The model's outputs, in its order. */
  public List<TensorSpec> outputs() {
    return outputs;
  }

  /**
   * Runs the model for all its outputs.
   *
   * @param values one value per input
   * @return one value per output, in the model's order
   * @throws SessionException if a value does not fit its input, or the run fails
   */
  public Map<String, TensorValue> run(Map<String, TensorValue> values) throws SessionException {
    return run(values, outputs.stream().map(TensorSpec::name).toList());
  }

  /**
   * Runs the model for some of its outputs; what only others need is not computed.
   *
   * @param values one value per input
   * @param wanted names of outputs
   * @return one value per wanted output, in the order of {@code wanted}
   * @throws SessionException if a value does not fit its input, or the run fails
   */
  public Map<String, TensorValue> run(Map<String, TensorValue> values, Collection<String> wanted)
      throws SessionException {
    check(values);
    Set<String> names = new LinkedHashSet<>(wanted);
    for (String name : names) {
      if (outputs.stream().noneMatch(output -> output.name().equals(name))) {
        throw new SessionException("output " + name + ": the model has no such output");
      }
    }
    lock.readLock().lock();
    try {
      if (closed) {
        throw new SessionException("the session is closed");
      }
      return runOpen(values, names);
    } catch (OrtException e) {
      throw failure("the run failed", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Runs the model for its first output only.
   *
   * @throws SessionException if a value does not fit its input, or the run fails
   */
  public TensorValue runFirst(Map<String, TensorValue> values) throws SessionException {
    return run(values, List.of(outputs.get(0).name())).values().iterator().next();
  }

  /** Waits for runs that have begun and releases the model; closing twice changes nothing. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        tensors.close();
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("session not closed: " + e.getMessage(), e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private Map<String, TensorValue> runOpen(Map<String, TensorValue> values, Set<String> names)
      throws OrtException, SessionException {
    try (NativeTensors.Batch batch = tensors.batch()) {
      for (Map.Entry<String, TensorValue> entry : values.entrySet()) {
        batch.add(entry.getKey(), entry.getValue());
      }
      try (OrtSession.Result result = session.run(batch.tensors(), names)) {
        Map<String, TensorValue> taken = new LinkedHashMap<>();
        for (String name : names) {
          taken.put(name, NativeTensors.value(name, result.get(name).orElseThrow()));
        }
        return taken;
      }
    }
  }

  private void check(Map<String, TensorValue> values) throws SessionException {
    for (TensorSpec input : inputs) {
      TensorValue value = values.get(input.name());
      if (value == null) {
        throw new SessionException("input " + input.name() + ": missing");
      }
      if (value.type() != input.type()) {
        throw new SessionException(
            "input %s: %s (expected: %s)"
                .formatted(
                    input.name(),
                    ElementTypes.title(value.type()),
                    ElementTypes.title(input.type())));
      }
      if (!fits(value.dims(), input.dims())) {
        throw new SessionException(
            "input %s: dims %s (expected: %s, -1 for any)"
                .formatted(input.name(), Arrays.toString(value.dims()), input.dims()));
      }
    }
    if (values.size() > inputs.size()) {
      Set<String> unknown = new LinkedHashSet<>(values.keySet());
      inputs.forEach(input -> unknown.remove(input.name()));
      throw new SessionException("input " + unknown.iterator().next() + ": no such input");
    }
  }

  private static boolean fits(long[] dims, List<Long> expected) {
    if (dims.length != expected.size()) {
      return false;
    }
    for (int axis = 0; axis < dims.length; axis++) {
      if (expected.get(axis) >= 0 && dims[axis] != expected.get(axis)) {
        return false;
      }
    }
    return true;
  }

  private static List<TensorSpec> specs(Collection<NodeInfo> nodes) {
    return nodes.stream().map(OnnxSession::spec).toList();
  }

  private static TensorSpec spec(NodeInfo node) {
    if (node.getInfo() instanceof TensorInfo tensor) {
      ElementType type = NativeTensors.type(tensor);
      return new TensorSpec(
          node.getName(), type, Arrays.stream(tensor.getShape()).boxed().toList());
    }
    return new TensorSpec(node.getName(), ElementType.ELEMENT_TYPE_UNSPECIFIED, List.of());
  }

  private static OrtSession.SessionOptions options(SessionSettings settings)
      throws OrtException, SessionException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setIntraOpNumThreads(settings.threads());
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setMemoryPatternOptimization(true);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      if (settings.threads() == 1) {
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
      }
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      if (settings.device() == Device.CUDA) {
        addCuda(options);
      }
      return options;
    } catch (OrtException | SessionException e) {
      options.close();
      throw e;
    }
  }

  private static void addCuda(OrtSession.SessionOptions options) throws SessionException {
    try {
      options.addCUDA(0);
    } catch (OrtException e) {
      throw new SessionException("CUDA: not available in this build or on this machine", e);
    }
  }

  private static SessionException failure(String what, OrtException e) {
    String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
    String brief = message.length() > 300 ? message.substring(0, 300) + "…" : message;
    return new SessionException(what + ": " + brief, e);
  }
}
