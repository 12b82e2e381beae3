package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.runtime.MalformedException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an inheritance was asked to do, as far as its result depends on it: unfinished work is only
 * gone on with under the same.
 *
 * @param start what factors and ladder depend on: name, as it is told to people, to value
 * @param training what only the fine-tune depends on
 */
public record Settings(NavigableMap<String, String> start, NavigableMap<String, String> training) {

  public Settings {
    start = new TreeMap<>(start);
    training = new TreeMap<>(training);
  }

  /** The first difference, in words, of what factors and ladder depend on. */
  Optional<String> startDiffers(Settings now) {
    return difference(start, now.start);
  }

  /** The first difference, in words, of anything. */
  Optional<String> differs(Settings now) {
    return startDiffers(now).or(() -> difference(training, now.training));
  }

  private static Optional<String> difference(Map<String, String> then, Map<String, String> now) {
    NavigableMap<String, String> all = new TreeMap<>(then);
    now.forEach(all::putIfAbsent);
    for (String name : all.keySet()) {
      String before = then.getOrDefault(name, "nothing");
      String after = now.getOrDefault(name, "nothing");
      if (!before.equals(after)) {
        return Optional.of(name + " was " + before + ", is " + after);
      }
    }
    return Optional.empty();
  }

  void write(DataOutputStream out) throws IOException {
    write(out, start);
    write(out, training);
  }

  private static void write(DataOutputStream out, Map<String, String> values) throws IOException {
    out.writeInt(values.size());
    for (Map.Entry<String, String> entry : values.entrySet()) {
      ContentWriter.text(out, entry.getKey());
      ContentWriter.text(out, entry.getValue());
    }
  }

  static Settings read(ContentReader in) throws IOException, MalformedException {
    return new Settings(values(in), values(in));
  }

  private static NavigableMap<String, String> values(ContentReader in)
      throws IOException, MalformedException {
    NavigableMap<String, String> values = new TreeMap<>();
    int count = in.integer("settings", 0, 10_000);
    for (int i = 0; i < count; i++) {
      values.put(in.text("name"), in.text("value"));
    }
    return values;
  }
}
