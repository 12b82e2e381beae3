package dev.heirloom.control.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A command that ran in this process.
 *
 * @param code exit code
 * @param results lines of standard output
 * @param messages lines of standard error
 */
public record CommandLineRun(int code, List<String> results, List<String> messages) {

  /** Runs {@code heirloom} with some arguments and some more. */
  public static CommandLineRun of(List<String> arguments, String... more) {
    ByteArrayOutputStream results = new ByteArrayOutputStream();
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    Streams streams = new Streams(stream(results), stream(messages), 0);
    Interruption interruption = Interruption.never(streams);
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    int code =
        new CommandRunner("heirloom", streams, interruption)
            .run(
                HeirloomCommand.line(new Context(streams, interruption)),
                all.toArray(String[]::new));
    return new CommandLineRun(code, lines(results), lines(messages));
  }

  /** What a command is given that prints nothing anyone reads. */
  static Context context() {
    Streams streams =
        new Streams(stream(new ByteArrayOutputStream()), stream(new ByteArrayOutputStream()), 0);
    return new Context(streams, Interruption.never(streams));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
