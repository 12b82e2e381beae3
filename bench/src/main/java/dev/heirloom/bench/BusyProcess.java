package dev.heirloom.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Processes that burn a processor each, as other programs of a device do. */
final class BusyProcess implements AutoCloseable {
  private final List<Process> processes = new ArrayList<>();

  private BusyProcess() {}

  /** Starts so many. */
  static BusyProcess start(int count) throws IOException {
    BusyProcess busy = new BusyProcess();
    for (int i = 0; i < count; i++) {
      busy.processes.add(
          ChildJvm.builder(
                  List.of(),
                  List.of("-Xmx16m", "-XX:TieredStopAtLevel=1"),
                  BusyProcess.class,
                  List.of())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    }
    return busy;
  }

  /** Whether all of them burn. */
  boolean alive() {
    return processes.stream().allMatch(Process::isAlive);
  }

  /** Ends them and waits until they are gone. */
  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Burns until its standard input ends, so that it does not outlive who started it. */
  public static void main(String[] arguments) throws IOException {
    Thread burning =
        new Thread(
            () -> {
              long sum = 0;
              while (sum != 1) {
                sum += 2;
              }
            });
    burning.setDaemon(true);
    burning.start();
    while (System.in.read() >= 0) {
      // Whatever is said to it does not matter.
    }
  }
}
