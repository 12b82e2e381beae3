package dev.heirloom.edge.slot;

import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.session.OnnxSession;
import java.util.List;
import java.util.Optional;

/** An heir that is open and has passed every check. Owns its session. */
public final class Heir implements AutoCloseable {
  private final HeirIdentity identity;
  private final Manifest manifest;
  private final OnnxSession session;
  private final Preprocessor preprocessor;
  private final Optional<Probe> probe;
  private final ProbeResult probeResult;
  // Each request asks for these.
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final Purpose purpose;

  Heir(
      HeirIdentity identity,
      Manifest manifest,
      OnnxSession session,
      Preprocessor preprocessor,
      Optional<Probe> probe,
      ProbeResult probeResult) {
    this.identity = identity;
    this.manifest = manifest;
    this.session = session;
    this.preprocessor = preprocessor;
    this.probe = probe;
    this.probeResult = probeResult;
    this.inputs = List.copyOf(TensorSpec.ofManifest(manifest.getInputsList()));
    this.outputs = List.copyOf(TensorSpec.ofManifest(manifest.getOutputsList()));
    this.purpose = Purpose.of(manifest);
  }

  public HeirIdentity identity() {
    return identity;
  }

  /** The family's manifest. */
  public Manifest manifest() {
    return manifest;
  }

  /** The session; whoever runs it makes sure that the heir stays open meanwhile. */
  public OnnxSession session() {
    return session;
  }

  /** Makes raw values into what the heir's inputs expect. */
  public Preprocessor preprocessor() {
    return preprocessor;
  }

  /** What the heir expects, the batch axis first. */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /** What the heir gives, the batch axis first. */
  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** What its answers are. */
  public Purpose purpose() {
    return purpose;
  }

  /** The probe's samples, if the device holds them. */
  public Optional<Probe> probe() {
    return probe;
  }

  /** What the heir made of the probe when it was installed. */
  public ProbeResult probeResult() {
    return probeResult;
  }

  @Override
  public void close() {
    session.close();
  }
}
