package dev.heirloom.actors.simulation;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The figures of {@link Conditions} by name, read from the records that hold them. */
final class ConditionNames {

  private static final Set<String> ABOVE_ZERO =
      Set.of(
          "speeds.leastClassFactor",
          "speeds.mostClassFactor",
          "traffic.perSecond",
          "steps.leastHeight",
          "steps.mostHeight",
          "heat.leastSlowdown",
          "heat.mostSlowdown",
          "heat.minutes",
          "heat.rampMinutes",
          "measuring.tailIndex",
          "measuring.leastOutlier",
          "measuring.mostOutlier");

  private ConditionNames() {}

  static Map<String, Double> values(Conditions conditions) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (RecordComponent part : Conditions.class.getRecordComponents()) {
      Object record = read(conditions, part);
      for (RecordComponent figure : part.getType().getRecordComponents()) {
        values.put(part.getName() + "." + figure.getName(), (Double) read(record, figure));
      }
    }
    return Collections.unmodifiableMap(values);
  }

  static Conditions with(Conditions conditions, String name, double value) {
    Map<String, Double> values = new LinkedHashMap<>(values(conditions));
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException(
          name
              + ": no such condition (expected one of: "
              + String.join(", ", values.keySet())
              + ")");
    }
    check(name, value);
    values.put(name, value);
    Object[] parts =
        Arrays.stream(Conditions.class.getRecordComponents())
            .map(part -> part(part, values))
            .toArray();
    return (Conditions) make(Conditions.class, parts);
  }

  private static void check(String name, double value) {
    double most = name.endsWith("Share") ? 1 : Double.MAX_VALUE;
    boolean low = ABOVE_ZERO.contains(name) ? value <= 0 : value < 0;
    if (Double.isNaN(value) || low || value > most) {
      String least = ABOVE_ZERO.contains(name) ? "above 0" : "0 or more";
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + (most == 1 ? "0..1" : least) + ")");
    }
  }

  private static Object part(RecordComponent part, Map<String, Double> values) {
    Object[] figures =
        Arrays.stream(part.getType().getRecordComponents())
            .map(figure -> values.get(part.getName() + "." + figure.getName()))
            .toArray();
    return make(part.getType(), figures);
  }

  private static Object make(Class<?> type, Object[] components) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return type.getDeclaredConstructor(types).newInstance(components);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static Object read(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
