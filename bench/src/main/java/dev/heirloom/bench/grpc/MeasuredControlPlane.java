package dev.heirloom.bench.grpc;

import dev.heirloom.bench.ChildJvm;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A control plane in a process of its own that says what its memory holds: for each line on
 * standard input the bytes of heap in use after a collection, and of direct memory.
 */
public final class MeasuredControlPlane implements AutoCloseable {
  private static final int COLLECTIONS = 3;

  private final Process process;
  private final BufferedReader answers;
  private final int port;

  private MeasuredControlPlane(Process process, BufferedReader answers, int port) {
    this.process = process;
    this.answers = answers;
    this.port = port;
  }

  public static MeasuredControlPlane start(Path data) throws IOException {
    Process process =
        ChildJvm.builder(List.of(), List.of(), MeasuredControlPlane.class, List.of(data.toString()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new MeasuredControlPlane(process, answers, Integer.parseInt(line(answers)));
  }

  private static String line(BufferedReader answers) throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the control plane that was to be measured ended early");
    }
    return line;
  }

  public int port() {
    return port;
  }

  /** Bytes of heap in use and of direct memory. */
  public long memoryBytes() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    return Long.parseLong(line(answers));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] arguments) throws Exception {
    try (ControlPlane plane =
            ControlPlane.start(new ControlPlaneSettings(Path.of(arguments[0]), 0, 0));
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(plane.grpcPort());
      while (requests.readLine() != null) {
        for (int i = 0; i < COLLECTIONS; i++) {
          System.gc();
        }
        System.out.println(heapBytes() + directBytes());
      }
    }
  }

  private static long heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Of Java's buffers, and of Netty's where it allocates beside these. */
  private static long directBytes() {
    long java =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return java + Math.max(0, PlatformDependent.usedDirectMemory());
  }
}
