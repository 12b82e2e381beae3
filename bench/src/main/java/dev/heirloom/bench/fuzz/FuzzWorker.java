package dev.heirloom.bench.fuzz;

import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that hostile files are tried in, so that one that kills it kills nothing else.
 *
 * <p>It says {@code at N} before each file and after it {@code REFUSED}, how far it came, or {@code
 * crash N WHAT} where it did what no file may do; {@code DONE} ends it.
 */
public final class FuzzWorker {
  /** Every so manyth file goes to ONNX Runtime, too, if it passes the checks. */
  private static final int RUNTIME_ONE_IN = 2;

  static final String REFUSED = "REFUSED";
  static final String DONE = "DONE";

  private FuzzWorker() {}

  /**
   * Tries files.
   *
   * @param arguments seed, first number, number after the last, directory to work in, large seeds
   */
  public static void main(String[] arguments) throws IOException {
    endWithParent();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    long from = Long.parseLong(arguments[1]);
    long to = Long.parseLong(arguments[2]);
    Path directory = Path.of(arguments[3]);
    HostileFiles files =
        files(Long.parseLong(arguments[0]), List.of(arguments).subList(4, arguments.length));
    Path file = directory.resolve("teacher.onnx");
    Files.write(directory.resolve(SeedModels.WEIGHTS), new byte[64]);
    for (long number = from; number < to; number++) {
      out.println("at " + number);
      Files.write(file, files.file(number));
      try {
        out.println(TeacherTrial.of(file, number % RUNTIME_ONE_IN == 0));
      } catch (MalformedException | SessionException | IOException e) {
        out.println(REFUSED);
        if (!isOneLine(e)) {
          out.println("crash " + number + " its message is not one line");
        }
      } catch (OutOfMemoryError e) {
        out.println("crash " + number + " out of memory");
        Runtime.getRuntime().halt(3);
      } catch (RuntimeException | Error e) {
        StackTraceElement[] trace = e.getStackTrace();
        out.println(
            "crash "
                + number
                + " "
                + (e + " at " + (trace.length > 0 ? trace[0] : "?")).replaceAll("\\s+", " "));
      }
    }
    out.println(DONE);
  }

  /** Its standard input ends with the process that started this one. */
  private static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever sent.
                }
              } catch (IOException e) {
                // Ends, too.
              }
              Runtime.getRuntime().halt(1);
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private static boolean isOneLine(Exception e) {
    String message = e.getMessage();
    return message != null && !message.isBlank() && message.lines().count() == 1;
  }

  static HostileFiles files(long seed, List<String> large) throws IOException {
    List<ModelProto> models = new ArrayList<>();
    for (String path : large) {
      models.add(ModelProto.parseFrom(Files.readAllBytes(Path.of(path))));
    }
    return new HostileFiles(seed, models);
  }
}
