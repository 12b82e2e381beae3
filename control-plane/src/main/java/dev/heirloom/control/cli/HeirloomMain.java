package dev.heirloom.control.cli;

import picocli.CommandLine;

/** Entry point of every command but the agent and the benchmarks. */
public final class HeirloomMain {
  private HeirloomMain() {}

  public static void main(String[] arguments) {
    Streams streams = Streams.ofProcess();
    Interruption interruption = Interruption.listen(streams);
    CommandLine root = HeirloomCommand.line(new Context(streams, interruption));
    int code = new CommandRunner("heirloom", streams, interruption).run(root, arguments);
    interruption.commandEnded();
    System.exit(code);
  }
}
