package dev.heirloom.control.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Where a program writes to: results to standard output, everything else to standard error. */
public final class Streams {
  /** Set by the launcher where standard error is a terminal: its width in characters. */
  public static final String COLUMNS_PROPERTY = "heirloom.columns";

  private final PrintStream results;
  private final PrintStream messages;
  private final int columns;

  /**
   * @param columns width of the terminal behind {@code messages}; 0 where there is none
   */
  public Streams(PrintStream results, PrintStream messages, int columns) {
    this.results = results;
    this.messages = messages;
    this.columns = columns;
  }

  /**
   * The streams of this process. From here on {@code System.out} is standard error, so that
   * whatever a library prints stays out of the results.
   */
  public static Streams ofProcess() {
    PrintStream results =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream messages =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.setOut(messages);
    System.setErr(messages);
    quietLibraries();
    return new Streams(results, messages, Math.max(0, Integer.getInteger(COLUMNS_PROPERTY, 0)));
  }

  /** What goes wrong in a call is told by whoever made it. */
  private static void quietLibraries() {
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      handler.setLevel(Level.SEVERE);
    }
  }

  public PrintStream results() {
    return results;
  }

  public PrintStream messages() {
    return messages;
  }

  /** Width of the terminal that messages go to; 0 where they do not go to one. */
  public int columns() {
    return columns;
  }

  /** True where a line of messages can be drawn over. */
  public boolean interactive() {
    return columns > 0;
  }
}
