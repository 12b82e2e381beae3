package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.store.OwnerFiles;
import dev.heirloom.runtime.file.DurableFiles;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom backup}: everything that a running control plane knows, in one file. */
@Command(name = "backup", description = "Writes all that a control plane knows to a file.")
final class BackupCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "To write; it will hold the fleet's keys.")
  private Path file = Path.of("");

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BackupCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Path directory = AtomicFile.parent(file);
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path part = directory.resolve(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    try {
      long bytes = plane.ask(client -> write(client, part));
      DurableFiles.move(part, file);
      context.result("backup of " + plane.address() + " in " + file + ", " + Figures.bytes(bytes));
      return 0;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static long write(ControlPlaneClient client, Path part) throws Exception {
    OwnerFiles.create(part);
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      long bytes = client.backup(Channels.newOutputStream(channel));
      channel.force(true);
      return bytes;
    }
  }
}
