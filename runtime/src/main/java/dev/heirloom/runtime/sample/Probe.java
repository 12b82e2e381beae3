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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A family's probe: a few labelled samples with the teacher's classes. */
public final class Probe {

  /** The version of the format that is written, and the only one that is read. */
  public static final int FORMAT = 1;

  private static final int MAX_SAMPLES = 1 << 20;

  private final SampleSet samples;
  private final int[] teacherClasses;

  /**
   * @param samples labelled
   * @param teacherClasses the teacher's class for each label, in the labels' layout
   */
  public Probe(SampleSet samples, int[] teacherClasses) {
    if (!samples.labelled()
        || teacherClasses.length != samples.size() * samples.labelsPerSample()) {
      throw new IllegalArgumentException(
          "teacher's classes: %d (expected: one per label)".formatted(teacherClasses.length));
    }
    this.samples = samples;
    this.teacherClasses = teacherClasses.clone();
  }

  /** The samples, labelled. */
  public SampleSet samples() {
    return samples;
  }

  /** The teacher's class for each label, in the labels' layout. */
  public int[] teacherClasses() {
    return teacherClasses.clone();
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
    return probe.build().toByteArray();
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
    int labels = probe.getLabelsCount();
    if (labels == 0 || labels % size != 0 || probe.getTeacherClassesCount() != labels) {
      throw new MalformedException(
          "probe: %d labels and %d teacher's classes for %d samples"
              .formatted(labels, probe.getTeacherClassesCount(), size));
    }
    samples.labels(labels / size, toLongs(probe.getLabelsList()));
    int[] classes = new int[labels];
    for (int i = 0; i < labels; i++) {
      long label = probe.getTeacherClasses(i);
      if (label < 0 || label > Integer.MAX_VALUE) {
        throw new MalformedException("probe: teacher's class " + label);
      }
      classes[i] = (int) label;
    }
    return new Probe(samples.build(), classes);
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
