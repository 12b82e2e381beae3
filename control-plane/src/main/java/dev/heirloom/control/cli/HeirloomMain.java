package dev.heirloom.control.cli;

import picocli.CommandLine;

/** Entry point of every command but the agent and the benchmarks. */
public final class HeirloomMain {
  private HeirloomMain() {}

  public static void main(String[] arguments) {
    Streams streams = Streams.ofProcess();
    Interruption interruption = Interruption.listen(streams);
    int code = 1;
    try {
      CommandLine root = HeirloomCommand.line(new Context(streams, interruption));
      code = new CommandRunner("heirloom", streams, interruption).run(root, arguments);
    } catch (LinkageError e) {
      code = Failures.report("heirloom", Failures.of(e), streams);
    } finally {
      interruption.commandEnded();
    }
    System.exit(code);
  }
}
