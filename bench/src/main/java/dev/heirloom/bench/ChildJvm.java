package dev.heirloom.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java process with this one's class path. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * How it is started.
   *
   * @param before what starts the JVM, if anything does
   * @param options of the JVM
   * @param main whose {@code main} runs
   */
  public static ProcessBuilder builder(
      List<String> before, List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    // In the environment, so that the command line stays short.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return builder;
  }
}
