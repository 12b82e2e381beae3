package dev.heirloom.bench;

import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A process that does nothing but run a model in a session: for each line on standard input, so
 * many times as it says, and answers with the times in ns.
 */
final class BareSession implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private BareSession(Process process) {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts it.
   *
   * @param java the program and its options
   * @param onnx the model
   */
  static BareSession start(List<String> java, Path onnx) throws IOException {
    List<String> command = new ArrayList<>(java);
    command.addAll(List.of(BareSession.class.getName(), onnx.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    return new BareSession(builder.redirectError(ProcessBuilder.Redirect.DISCARD).start());
  }

  /** Runs the model again and again; the time of each run in ns. */
  long[] run(int times) throws IOException {
    process.getOutputStream().write((times + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the bare session that was to be measured ended early");
    }
    return Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] arguments) throws Exception {
    byte[] onnx = Files.readAllBytes(Path.of(arguments[0]));
    try (OnnxSession session = OnnxSession.open(onnx, SessionSettings.cpu(1));
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Map<String, TensorValue> inputs = RandomInputs.of(session.inputs());
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        StringBuilder times = new StringBuilder();
        for (int run = Integer.parseInt(line); run > 0; run--) {
          long begunNs = System.nanoTime();
          session.run(inputs);
          times.append(System.nanoTime() - begunNs).append(run > 1 ? " " : "");
        }
        System.out.println(times);
      }
    }
  }
}
