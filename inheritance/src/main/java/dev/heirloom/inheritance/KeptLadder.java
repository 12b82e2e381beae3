package dev.heirloom.inheritance;

import dev.heirloom.inheritance.checkpoint.CheckpointPolicy.DataIdentity;
import dev.heirloom.inheritance.checkpoint.Factored;
import dev.heirloom.inheritance.checkpoint.Settings;
import dev.heirloom.inheritance.checkpoint.Start;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** Factors and ladder on their way into a checkpoint and out of it, with what they depend on. */
final class KeptLadder {

  /** The result may differ in its last digits with these; they may change when work is resumed. */
  private static final Set<String> FREE = Set.of("threads", "device");

  private static final Set<String> OF_TRAINING = Set.of("steps");

  private KeptLadder() {}

  static Start of(Calibration calibration, Chosen chosen) {
    return new Start(
        calibration,
        chosen.layers().stream().map(DraftLayer::pair).toList(),
        chosen.layers().stream().map(DraftLayer::positions).toList(),
        chosen.ranksByRung(),
        chosen.leftDense());
  }

  static Chosen chosen(Start kept, Teacher teacher) throws MalformedException {
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < kept.pairs().size(); i++) {
      DenseLayer dense = layer(kept.pairs().get(i).name(), teacher);
      layers.add(new DraftLayer(dense, kept.pairs().get(i), kept.positions().get(i)));
    }
    return new Chosen(layers, kept.ranksByRung(), List.of(), kept.leftDense());
  }

  static Map<DenseLayer, Factorization> factors(Factored factored, Teacher teacher)
      throws MalformedException {
    Map<DenseLayer, Factorization> factors = new LinkedHashMap<>();
    for (Map.Entry<String, Factorization> entry : factored.factors().entrySet()) {
      factors.put(layer(entry.getKey(), teacher), entry.getValue());
    }
    return factors;
  }

  private static DenseLayer layer(String name, Teacher teacher) throws MalformedException {
    return teacher.layers().stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new MalformedException("checkpoint: no layer " + name));
  }

  /** Everything that the result of an inheritance depends on. */
  static Settings settings(
      Teacher teacher,
      String train,
      String validate,
      List<String> normalize,
      InheritOptions options,
      DataIdentity identity)
      throws IOException {
    NavigableMap<String, String> start = new TreeMap<>();
    start.put("the teacher", Digest.of(teacher.original().bytes()).brief());
    start.put("--train", identity.of(train));
    start.put("--validate", identity.of(validate));
    start.put("--normalize", String.join(" ", normalize));
    NavigableMap<String, String> training = new TreeMap<>();
    for (RecordComponent component : InheritOptions.class.getRecordComponents()) {
      String name = component.getName();
      if (name.equals("tuning") || FREE.contains(name)) {
        continue;
      }
      if (component.getType().isRecord()) {
        putAll(start, (Record) read(component, options));
      } else {
        put(OF_TRAINING.contains(name) ? training : start, component, options);
      }
    }
    putAll(training, options.tuning());
    return new Settings(start, training);
  }

  private static void putAll(NavigableMap<String, String> values, Record group) {
    for (RecordComponent component : group.getClass().getRecordComponents()) {
      put(values, component, group);
    }
  }

  private static void put(
      NavigableMap<String, String> values, RecordComponent component, Record options) {
    values.put(
        "--" + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT),
        text(read(component, options)));
  }

  private static Object read(RecordComponent component, Record options) {
    try {
      return component.getAccessor().invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the accessors of public records can be called", e);
    }
  }

  /** As on the command line, near enough for people to know it again. */
  private static String text(Object value) {
    return String.valueOf(value)
        .replaceAll("^Optional\\w*\\.empty$", "not given")
        .replaceAll("^Optional\\w*\\[(.*)]$", "$1")
        .toLowerCase(Locale.ROOT);
  }
}
