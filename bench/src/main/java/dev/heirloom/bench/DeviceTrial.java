package dev.heirloom.bench;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.measure.MicroProbes;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a device does to be predicted, and to be held against it, in fresh processes like its. */
final class DeviceTrial {
  private static final int WARM_UP = 20;
  private static final int REPEATS = 3;

  /** Options of an agent's JVM, with memory for all rungs at once. */
  private static final List<String> JVM = List.of("-XX:TieredStopAtLevel=1", "-Xmx256m");

  private final List<String> before;
  private final int threads;

  /**
   * @param before what starts the JVM, such as the program that pins it; may be empty
   * @param threads of its sessions
   */
  DeviceTrial(List<String> before, int threads) {
    this.before = before;
    this.threads = threads;
  }

  /** Runs the micro-probes. */
  ProbeTimes probes() throws IOException, InterruptedException {
    return new ProbeTimes(MicroProbes.VERSION, run(List.of("probe", Integer.toString(threads))));
  }

  /**
   * Runs heirs in turn.
   *
   * @param samples an {@code .npz} whose first sample is run
   * @return medians and 95th percentiles in ns, in turn, by heir
   */
  List<Long> times(int rounds, Path samples, List<Path> heirs)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "time", Integer.toString(threads), Integer.toString(rounds), samples.toString()));
    heirs.forEach(heir -> arguments.add(heir.toString()));
    return run(arguments);
  }

  private List<Long> run(List<String> arguments) throws IOException, InterruptedException {
    Process process =
        ChildJvm.builder(before, JVM, DeviceTrial.class, arguments)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("the device's process ended with code " + process.exitValue());
    }
    return Stream.of(line.strip().split(" ", -1)).map(Long::valueOf).toList();
  }

  public static void main(String[] arguments) throws Exception {
    SessionSettings settings = SessionSettings.cpu(Integer.parseInt(arguments[1]));
    List<Long> times =
        arguments[0].equals("probe")
            ? MicroProbes.measure(settings).ns()
            : timed(
                settings,
                Integer.parseInt(arguments[2]),
                arguments[3],
                List.of(arguments).subList(4, arguments.length));
    System.out.println(String.join(" ", times.stream().map(String::valueOf).toList()));
  }

  private static List<Long> timed(
      SessionSettings settings, int rounds, String samples, List<String> heirs)
      throws IOException, MalformedException, SessionException {
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      Map<String, TensorValue> sample = Map.of();
      for (String heir : heirs) {
        byte[] onnx = Files.readAllBytes(Path.of(heir));
        sample = sample.isEmpty() ? sample(samples, OnnxModel.parse(onnx, heir)) : sample;
        sessions.add(OnnxSession.open(onnx, settings));
      }
      long[][] p50Ns = new long[heirs.size()][REPEATS];
      long[][] p95Ns = new long[heirs.size()][REPEATS];
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        List<Latency.Summary> summaries = Latency.interleaved(sessions, sample, WARM_UP, rounds);
        for (int heir = 0; heir < heirs.size(); heir++) {
          p50Ns[heir][repeat] = summaries.get(heir).p50Ns();
          p95Ns[heir][repeat] = summaries.get(heir).p95Ns();
        }
      }
      List<Long> times = new ArrayList<>();
      for (int heir = 0; heir < heirs.size(); heir++) {
        times.add(middle(p50Ns[heir]));
        times.add(middle(p95Ns[heir]));
      }
      return times;
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private static Map<String, TensorValue> sample(String samples, OnnxModel model)
      throws IOException, MalformedException {
    SampleSet one = SampleFiles.read(samples, model.inputs());
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(one, model.inputs(), Map.of()), model.inputs());
    return preprocessor.batch(one, new int[] {0});
  }

  private static long middle(long[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
