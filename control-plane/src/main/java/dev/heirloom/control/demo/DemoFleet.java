package dev.heirloom.control.demo;

import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.StartException;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.sample.SampleWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A control plane in this process, or in one of its own, and agents in processes of their own, all
 * of which end with it. What they keep and what they print is in one directory.
 */
public final class DemoFleet implements AutoCloseable {
  /** Name of the variable by which the launcher says where it is. */
  public static final String LAUNCHER_VARIABLE = "HEIRLOOM_LAUNCHER";

  private final Path directory;
  private final String launcher;
  private final PlaneHandle plane;
  private final ControlPlaneClient client;
  private final List<ChildProcess> agents = new ArrayList<>();

  private DemoFleet(Path directory, String launcher, PlaneHandle plane) {
    this.directory = directory;
    this.launcher = launcher;
    this.plane = plane;
    this.client = new ControlPlaneClient(plane.grpc());
  }

  /** Starts the control plane on free loopback ports. */
  public static DemoFleet start(Path directory)
      throws StartException, CommandException, InterruptedException {
    return start(directory, DeliverySettings.UNLIMITED);
  }

  /** The same with limits to what leaves the control plane. */
  public static DemoFleet start(Path directory, DeliverySettings delivery)
      throws StartException, CommandException, InterruptedException {
    String launcher = launcher();
    return new DemoFleet(
        directory, launcher, PlaneHandle.here(directory.resolve("control-plane"), delivery));
  }

  /** The same with the control plane in a process of its own. */
  public static DemoFleet startApart(Path directory)
      throws IOException, CommandException, InterruptedException {
    String launcher = launcher();
    return new DemoFleet(directory, launcher, PlaneHandle.apart(directory, launcher));
  }

  private static String launcher() throws CommandException {
    String launcher = System.getenv(LAUNCHER_VARIABLE);
    if (launcher == null || launcher.isBlank()) {
      throw new CommandException(
          LAUNCHER_VARIABLE + " is not set", "Start this through ./heirloom, which sets it.");
    }
    return launcher;
  }

  /** Address of the dashboard. */
  public String dashboard() {
    return plane.dashboard();
  }

  public ControlPlaneClient client() {
    return client;
  }

  /** Brings a family to the control plane, over gRPC as from any other machine. */
  public void publish(Family family)
      throws ControlPlaneException, IOException, MalformedException, InterruptedException {
    Publication.publish(client, family, sent -> {});
  }

  /**
   * Starts an agent.
   *
   * @param stream what it replays through its serving path
   * @param options more of the agent's options
   */
  public ChildProcess startAgent(String name, Stream stream, Duration window, List<String> options)
      throws IOException {
    Path data = Files.createDirectories(directory.resolve(name)).resolve("stream.npz");
    SampleWriter.write(ShapeSamples.render(stream.images(), stream.seed(), stream.view()), data);
    List<String> more =
        new ArrayList<>(
            List.of(
                "--stream", data.toString(), "--rate", Integer.toString(stream.ratePerSecond())));
    more.addAll(options);
    return startAgent(name, window, more);
  }

  /**
   * Starts an agent that has no requests of its own.
   *
   * @param options more of the agent's options
   */
  public ChildProcess startAgent(String name, Duration window, List<String> options)
      throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "agent",
                "--control-plane",
                plane.grpc().toString(),
                "--name",
                name,
                "--state",
                home.resolve("state").toString(),
                "--window",
                window.toMillis() + "ms"));
    arguments.addAll(options);
    ChildProcess agent = ChildProcess.start(name, launcher, arguments, home.resolve("agent.log"));
    agents.add(agent);
    return agent;
  }

  /**
   * Starts an agent that is another program than the launcher's, with no stream. The caller ends
   * it.
   *
   * @param options more of the agent's options
   */
  public ChildProcess startProgram(String name, Path program, List<String> options)
      throws IOException {
    Path home = Files.createDirectories(directory.resolve(name));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--control-plane",
                plane.grpc().toString(),
                "--name",
                name,
                "--state",
                home.resolve("state").toString()));
    arguments.addAll(options);
    return ChildProcess.start(name, program.toString(), arguments, home.resolve("agent.log"));
  }

  /** Puts an operator's latency budget on a device. */
  public void setBudget(String device, long p95Ns) throws ControlPlaneException {
    client.setBudget(device, Budget.newBuilder().setP95LatencyNs(p95Ns).build());
  }

  /** Fails where an agent has ended that should not have. */
  public void checkAgents() throws CommandException, IOException {
    for (ChildProcess agent : agents) {
      if (!agent.alive()) {
        throw new CommandException(
            "agent " + agent.name() + " ended with code " + agent.exitCode(),
            agent.lastLines().toArray(String[]::new));
      }
    }
  }

  @Override
  public void close() {
    client.close();
    agents.forEach(ChildProcess::close);
    plane.end().run();
  }

  /**
   * Labelled shapes that a device is asked about.
   *
   * @param images how many different ones
   * @param ratePerSecond requests
   */
  public record Stream(int images, long seed, Disturbance view, int ratePerSecond) {}
}
