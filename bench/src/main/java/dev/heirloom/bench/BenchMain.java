package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandRunner;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.Interruption;
import dev.heirloom.control.cli.Streams;
import picocli.CommandLine;

/** Entry point of the benchmarks. */
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] arguments) {
    Streams streams = Streams.ofProcess();
    Interruption interruption = Interruption.listen(streams);
    CommandLine root = new CommandLine(new BenchCommand(new Context(streams, interruption)));
    int code = new CommandRunner("heirloom bench", streams, interruption).run(root, arguments);
    interruption.commandEnded();
    System.exit(code);
  }
}
