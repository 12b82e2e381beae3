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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a device does to be predicted, and to be held against it, in fresh processes like its. */
final class DeviceTrial {
  private static final int WARM_UP = 5;
  private static final int BLOCK = 11;

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

  /**
   * What the micro-probes gave.
   *
   * @param tookNs how long they took in all, in ns
   */
  record Probed(ProbeTimes times, long tookNs) {}

  /** Runs the micro-probes. */
  Probed probes() throws IOException, InterruptedException {
    List<Long> answer = run(List.of("probe", Integer.toString(threads)));
    int last = answer.size() - 1;
    return new Probed(
        new ProbeTimes(MicroProbes.VERSION, answer.subList(0, last)), answer.get(last));
  }

  /**
   * Runs heirs, a block of each in turn.
   *
   * @param rounds blocks of each heir
   * @param samples an {@code .npz} whose first sample is run
   * @return medians in ns, by heir
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
            ? probed(settings)
            : timed(
                settings,
                Integer.parseInt(arguments[2]),
                arguments[3],
                List.of(arguments).subList(4, arguments.length));
    System.out.println(String.join(" ", times.stream().map(String::valueOf).toList()));
  }

  private static List<Long> probed(SessionSettings settings) throws SessionException {
    long beganNs = System.nanoTime();
    List<Long> answer = new ArrayList<>(MicroProbes.measure(settings).ns());
    answer.add(System.nanoTime() - beganNs);
    return answer;
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
      Latency.inBlocks(sessions, sample, BLOCK, WARM_UP, 0);
      return Latency.inBlocks(sessions, sample, BLOCK, rounds, 0);
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
}
