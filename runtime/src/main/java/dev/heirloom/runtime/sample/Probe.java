package dev.heirloom.runtime.sample;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.ProbeInput;
import dev.heirloom.proto.v1.ProbeSet;
import dev.heirloom.proto.v1.TensorSpec;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A family's probe: a few samples with the teacher's answers, its classes or its numbers. */
public final class Probe {

  /** The version of the format that is written, and the only one that is read. */
  public static final int FORMAT = 1;

  private static final int MAX_SAMPLES = 1 << 20;

  private final SampleSet samples;
  private final int[] teacherClasses;
  private final float[] teacherNumbers;

  /**
   * A probe of a model that names classes.
   *
   * @param samples labelled or not
   * @param teacherClasses the teacher's class for each answer, in the labels' layout
   */
  public Probe(SampleSet samples, int[] teacherClasses) {
    this(samples, teacherClasses, new float[0]);
    boolean fits =
        samples.labelled()
            ? teacherClasses.length == samples.size() * samples.labelsPerSample()
            : teacherClasses.length > 0 && teacherClasses.length % samples.size() == 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "teacher's classes: %d (expected: one per label)".formatted(teacherClasses.length));
    }
  }

  /**
   * A probe of a model whose answers are numbers.
   *
   * @param samples with targets or without
   * @param teacherNumbers the teacher's answers, row-major, samples first
   */
  public Probe(SampleSet samples, float[] teacherNumbers) {
    this(samples, new int[0], teacherNumbers);
    if (teacherNumbers.length == 0 || teacherNumbers.length % samples.size() != 0) {
      throw new IllegalArgumentException(
          "teacher's numbers: %d (expected: as many for each sample)"
              .formatted(teacherNumbers.length));
    }
  }

  private Probe(SampleSet samples, int[] teacherClasses, float[] teacherNumbers) {
    this.samples = samples;
    this.teacherClasses = teacherClasses.clone();
    this.teacherNumbers = teacherNumbers.clone();
  }

  /** The samples. */
  public SampleSet samples() {
    return samples;
  }

  /** The teacher's class for each answer, in the labels' layout; empty where it names none. */
  public int[] teacherClasses() {
    return teacherClasses.clone();
  }

  /** The teacher's answers, row-major, samples first; empty where they are classes. */
  public float[] teacherNumbers() {
    return teacherNumbers.clone();
  }

  /** A probe of the first samples, or this one if it has no more. */
  public Probe head(int count) {
    if (count >= samples.size()) {
      return this;
    }
    return new Probe(
        samples.head(count),
        Arrays.copyOf(teacherClasses, teacherClasses.length / samples.size() * count),
        Arrays.copyOf(teacherNumbers, teacherNumbers.length / samples.size() * count));
  }

  /** The probe as a blob's content. */
  public byte[] encode() {
    ProbeSet.Builder probe = ProbeSet.newBuilder().setFormat(FORMAT).setSamples(samples.size());
    for (String input : samples.inputs()) {
      ProbeInput.Builder values =
          ProbeInput.newBuilder()
              .setName(input)
              .setType(samples.type(input))
              .setValues(ByteString.copyFrom(samples.raw(input)));
      Arrays.stream(samples.dims(input)).forEach(values::addDims);
      probe.addInputs(values);
    }
    for (int sample = 0; sample < samples.size(); sample++) {
      for (int position = 0; position < samples.labelsPerSample(); position++) {
        probe.addLabels(samples.label(sample, position));
      }
    }
    Arrays.stream(teacherClasses).forEach(probe::addTeacherClasses);
    probe.setTeacherOutputs(little(teacherNumbers)).setTargets(little(targets()));
    return probe.build().toByteArray();
  }

  private float[] targets() {
    int each = samples.targetsPerSample();
    float[] targets = new float[samples.size() * each];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = samples.target(i / each, i % each);
    }
    return targets;
  }

  /**
   * Reads a probe.
   *
   * @throws MalformedException if the bytes are not a probe for this manifest's inputs
   */
  public static Probe parse(byte[] bytes, Manifest manifest) throws MalformedException {
    ProbeSet probe;
    try {
      probe = ProbeSet.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("probe: not a probe, or truncated", e);
    }
    if (probe.getFormat() != FORMAT) {
      throw new MalformedException(
          "probe: format %s (expected: %d)"
              .formatted(Integer.toUnsignedString(probe.getFormat()), FORMAT));
    }
    int size = probe.getSamples();
    if (size < 1 || size > MAX_SAMPLES) {
      throw new MalformedException(
          "probe: %s samples (expected: 1..%d)"
              .formatted(Integer.toUnsignedString(size), MAX_SAMPLES));
    }
    SampleSet.Builder samples = SampleSet.of(size);
    Map<String, ProbeInput> inputs = new HashMap<>();
    probe.getInputsList().forEach(input -> inputs.put(input.getName(), input));
    for (TensorSpec expected : manifest.getInputsList()) {
      ProbeInput input = inputs.get(expected.getName());
      if (input == null) {
        throw new MalformedException("probe: no values for input " + expected.getName());
      }
      check(input, expected, size);
      samples.input(
          input.getName(),
          input.getType(),
          input.getDimsList(),
          input.getValues().asReadOnlyByteBuffer());
    }
    return switch (manifest.getTask()) {
      case TASK_REGRESSION, TASK_EMBEDDING, TASK_RECONSTRUCTION -> numbers(probe, samples, size);
      default -> classes(probe, samples, size, manifest.getUnlabelled());
    };
  }

  private static Probe classes(
      ProbeSet probe, SampleSet.Builder samples, int size, boolean unlabelled)
      throws MalformedException {
    int labels = probe.getLabelsCount();
    int answers = probe.getTeacherClassesCount();
    boolean fits = unlabelled ? labels == 0 : labels == answers;
    if (!fits || answers == 0 || answers % size != 0) {
      throw new MalformedException(
          "probe: %d labels and %d teacher's classes for %d samples"
              .formatted(labels, answers, size));
    }
    if (!unlabelled) {
      samples.labels(labels / size, toLongs(probe.getLabelsList()));
    }
    int[] classes = new int[answers];
    for (int i = 0; i < answers; i++) {
      long label = probe.getTeacherClasses(i);
      if (label < 0 || label > Integer.MAX_VALUE) {
        throw new MalformedException("probe: teacher's class " + label);
      }
      classes[i] = (int) label;
    }
    return new Probe(samples.build(), classes);
  }

  private static Probe numbers(ProbeSet probe, SampleSet.Builder samples, int size)
      throws MalformedException {
    float[] outputs = floats("teacher's outputs", probe.getTeacherOutputs(), size);
    float[] targets = floats("targets", probe.getTargets(), size);
    int labels = probe.getLabelsCount();
    if (outputs.length == 0
        || (targets.length > 0 && targets.length != outputs.length)
        || (labels > 0 && (labels != outputs.length || targets.length > 0))) {
      throw new MalformedException(
          "probe: %d teacher's outputs, %d targets and %d labels for %d samples"
              .formatted(outputs.length, targets.length, labels, size));
    }
    if (targets.length > 0) {
      samples.targets(targets.length / size, targets);
    } else if (labels > 0) {
      samples.labels(labels / size, toLongs(probe.getLabelsList()));
    }
    return new Probe(samples.build(), outputs);
  }

  private static float[] floats(String what, ByteString little, int samples)
      throws MalformedException {
    if (little.size() % ((long) Float.BYTES * samples) != 0) {
      throw new MalformedException(
          "probe: %s: %d bytes (expected: as many float32 for each of %d samples)"
              .formatted(what, little.size(), samples));
    }
    float[] values = new float[little.size() / Float.BYTES];
    little.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new MalformedException(
            "probe: " + what + " hold " + value + " (expected: finite numbers)");
      }
    }
    return values;
  }

  private static ByteString little(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return ByteString.copyFrom(bytes);
  }

  private static void check(ProbeInput input, TensorSpec expected, int size)
      throws MalformedException {
    String origin = "probe: input " + input.getName();
    boolean fits = input.getDimsCount() == expected.getDimsCount();
    for (int axis = 0; fits && axis < input.getDimsCount(); axis++) {
      fits = expected.getDims(axis) == -1 || expected.getDims(axis) == input.getDims(axis);
    }
    if (!fits) {
      throw new MalformedException(
          "%s has axes %s (expected: %s)"
              .formatted(origin, input.getDimsList(), expected.getDimsList()));
    }
    if (input.getType() == ElementType.ELEMENT_TYPE_UNSPECIFIED
        || input.getType() == ElementType.UNRECOGNIZED) {
      throw new MalformedException(origin + " has no element type");
    }
    for (ElementType type : List.of(input.getType(), expected.getType())) {
      if (!ElementTypes.sampled(type)) {
        throw new MalformedException(
            "%s is %s (expected: %s)"
                .formatted(origin, ElementTypes.title(type), ElementTypes.SAMPLED));
      }
    }
    if (input.getType() == ElementType.ELEMENT_TYPE_FLOAT32
        && expected.getType() != ElementType.ELEMENT_TYPE_FLOAT32) {
      throw new MalformedException(origin + " is floating-point (expected: integers)");
    }
    long bytes;
    try {
      bytes =
          OnnxTensors.elements(input.getName(), toLongs(input.getDimsList()))
              * ElementTypes.bytes(input.getType())
              * size;
    } catch (IllegalArgumentException e) {
      throw new MalformedException(origin + ": " + e.getMessage(), e);
    }
    if (input.getValues().size() != bytes) {
      throw new MalformedException(
          "%s holds %d bytes (expected: %d)".formatted(origin, input.getValues().size(), bytes));
    }
  }

  private static long[] toLongs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
