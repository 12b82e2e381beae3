package dev.heirloom.control.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs a program's command so that every failure is one line and an exit code, never a stack trace.
 */
public final class CommandRunner {
  private static final int USAGE = 2;

  private final String program;
  private final Streams streams;
  private final Interruption interruption;

  public CommandRunner(String program, Streams streams, Interruption interruption) {
    this.program = program;
    this.streams = streams;
    this.interruption = interruption;
  }

  /** Parses the arguments, runs the command that they name, and returns the process's exit code. */
  public int run(CommandLine root, String... arguments) {
    root.setCommandName(program)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOverwrittenOptionsAllowed(false)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(streams.results(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(streams.messages(), true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((thrown, rest) -> usage(thrown))
        .setExecutionExceptionHandler((thrown, command, parsed) -> failed(thrown));
    inDeclaredOrder(root);
    root.getSubcommands().values().forEach(CommandRunner::inDeclaredOrder);
    try {
      return root.execute(arguments);
    } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
      return failed(e);
    } finally {
      streams.results().flush();
    }
  }

  private static void inDeclaredOrder(CommandLine command) {
    command.getCommandSpec().usageMessage().sortOptions(false).sortSynopsis(false);
  }

  private int failed(Throwable thrown) {
    if (interruption.requested()) {
      return Failures.of(new InterruptedException()).exitCode();
    }
    return Failures.report(program, Failures.of(thrown), streams);
  }

  private int usage(ParameterException thrown) {
    CommandLine command = thrown.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String hint = "'" + name + " --help' says how it is used.";
    return Failures.report(
        program, new Failure(USAGE, problem(thrown, command), List.of(hint)), streams);
  }

  private static String problem(ParameterException thrown, CommandLine command) {
    if (thrown instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      String argument = unmatched.getUnmatched().get(0);
      if (argument.startsWith("-")) {
        return "unknown option " + argument;
      }
      boolean dispatches = !command.getSubcommands().isEmpty();
      return (dispatches ? "unknown command " : "one argument too many: ") + argument;
    }
    String message = String.valueOf(thrown.getMessage());
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }
}
