package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.ProbeTimes;
import java.util.List;
import java.util.Map;

/**
 * What a device says it is.
 *
 * @param deviceClass devices of one class are expected to be equally fast; empty where it says none
 * @param cores processor cores; 0 where unknown
 * @param memoryBytes physical memory in bytes; 0 where unknown
 * @param executionProviders ONNX Runtime execution providers, preferred first; may be empty
 * @param labels what operators select devices by; may be empty
 * @param agentVersion version of the agent program; may be empty
 * @param threads threads that one session may use; 0 where unknown
 * @param probes what it took for the micro-probes with these threads; may be none
 */
public record DeviceProfile(
    String deviceClass,
    int cores,
    long memoryBytes,
    List<String> executionProviders,
    Map<String, String> labels,
    String agentVersion,
    int threads,
    ProbeTimes probes) {

  private static final int MOST_CHARACTERS = 256;
  private static final int MOST_ENTRIES = 64;

  public DeviceProfile {
    Require.length("deviceClass", deviceClass, MOST_CHARACTERS);
    Require.notNegative("cores", cores);
    Require.notNegative("memoryBytes", memoryBytes);
    Require.size("executionProviders", executionProviders.size(), MOST_ENTRIES);
    executionProviders.forEach(p -> Require.length("executionProviders", p, MOST_CHARACTERS));
    Require.size("labels", labels.size(), MOST_ENTRIES);
    labels.forEach(
        (key, value) -> {
          Require.length("labels", key, MOST_CHARACTERS);
          Require.length("labels." + key, value, MOST_CHARACTERS);
        });
    Require.length("agentVersion", agentVersion, MOST_CHARACTERS);
    Require.notNegative("threads", threads);
    executionProviders = List.copyOf(executionProviders);
    labels = Map.copyOf(labels);
  }

  /** A device that sent no times of micro-probes. */
  public DeviceProfile(
      String deviceClass,
      int cores,
      long memoryBytes,
      List<String> executionProviders,
      Map<String, String> labels,
      String agentVersion,
      int threads) {
    this(
        deviceClass,
        cores,
        memoryBytes,
        executionProviders,
        labels,
        agentVersion,
        threads,
        ProbeTimes.NONE);
  }

  /** Whether the device has every label of {@code selector}; an empty one selects every device. */
  public boolean matches(Map<String, String> selector) {
    return labels.entrySet().containsAll(selector.entrySet());
  }
}
