package dev.heirloom.control.cli;

import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom export}: a rung as an ONNX file that any runtime runs. */
@Command(name = "export", description = "Writes a family's rung as plain ONNX.")
final class ExportCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FAMILY", description = "Directory that inherit wrote.")
  private Path directory = Path.of("");

  @Option(
      names = "--rung",
      required = true,
      paramLabel = "K",
      description = "From 1, the smallest.")
  private int rung;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "ONNX file to write; one that is there is replaced.")
  private Path out = Path.of("");

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  ExportCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    AtomicFile.parent(out);
    Family family = Family.open(directory);
    Rungs.require(family, rung);
    byte[] onnx = HeirAssembler.assemble(family.manifest(), rung, family.blobs());
    AtomicFile.write(out, onnx);
    context.result(
        out
            + ": rung "
            + rung
            + " of "
            + family.manifest().getName()
            + ", "
            + Figures.bytes(onnx.length));
    return 0;
  }
}
