package dev.heirloom.control.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
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
      long bytes = plane.ask(client -> written(client::backup, part));
      Files.move(part, file);
      context.result("backup of " + plane.address() + " in " + file + ", " + Figures.bytes(bytes));
      return 0;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Something that writes a backup. */
  private interface Source {
    void writeTo(OutputStream out, LongConsumer received) throws Exception;
  }

  private static long written(Source source, Path part) throws Exception {
    long[] total = new long[1];
    try (FileChannel channel =
            FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      readableByOwnerOnly(part);
      source.writeTo(out, received -> total[0] = received);
      channel.force(true);
    }
    return total[0];
  }

  private static void readableByOwnerOnly(Path part) throws IOException {
    FileStore store = Files.getFileStore(part);
    if (store.supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-------"));
    }
  }
}
