package dev.heirloom.bench.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.heirloom.bench.protocol.EchoFamily.Tensor;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.v1.ElementType;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An agent in a process of its own, which serves two families at once, and the client on Node.js.
 *
 * @param calls requests, those in streams counted one by one
 * @param mismatches answers that were not what the protocol says
 * @param wrong a line for each of the first of them
 */
public record ProtocolComparison(long calls, long mismatches, List<String> wrong) {
  private static final String EVERY_TYPE = "every-type";
  private static final String HALF = "half";
  private static final Duration WINDOW = Duration.ofSeconds(2);

  private static final List<Tensor> TENSORS =
      List.of(
          new Tensor("BOOL", ElementType.ELEMENT_TYPE_BOOL),
          new Tensor("UINT8", ElementType.ELEMENT_TYPE_UINT8),
          new Tensor("UINT16", ElementType.ELEMENT_TYPE_UINT16),
          new Tensor("UINT32", ElementType.ELEMENT_TYPE_UINT32),
          new Tensor("UINT64", ElementType.ELEMENT_TYPE_UINT64),
          new Tensor("INT8", ElementType.ELEMENT_TYPE_INT8),
          new Tensor("INT16", ElementType.ELEMENT_TYPE_INT16),
          new Tensor("INT32", ElementType.ELEMENT_TYPE_INT32),
          new Tensor("INT64", ElementType.ELEMENT_TYPE_INT64),
          new Tensor("FP32", ElementType.ELEMENT_TYPE_FLOAT32),
          new Tensor("FP64", ElementType.ELEMENT_TYPE_FLOAT64),
          new Tensor("BYTES", ElementType.ELEMENT_TYPE_STRING));

  public ProtocolComparison {
    wrong = List.copyOf(wrong);
  }

  /**
   * Compares.
   *
   * @param directory an empty one to work in
   * @param launcher beside whose {@code target} the client's packages are kept
   * @param rounds how many random requests each way
   * @throws CommandException if Node.js is missing, or the client could not finish
   */
  public static ProtocolComparison run(Path directory, Path launcher, int rounds) throws Exception {
    Optional<String> missing = NodeClient.missing();
    if (missing.isPresent()) {
      throw new CommandException(missing.get());
    }
    NodeClient client = new NodeClient(launcher.resolveSibling("target").resolve("node-client"));
    client.install();
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (DemoFleet fleet = DemoFleet.start(directory)) {
      fleet.publish(EchoFamily.write(directory.resolve(EVERY_TYPE), EVERY_TYPE, TENSORS));
      fleet.publish(
          EchoFamily.write(
              directory.resolve(HALF),
              HALF,
              List.of(new Tensor("FP16", ElementType.ELEMENT_TYPE_FLOAT16))));
      fleet.startAgent(
          "asked-device",
          WINDOW,
          List.of(
              "--p95-budget",
              "1s",
              "--family",
              EVERY_TYPE,
              "--family",
              HALF,
              "--serve",
              Integer.toString(port)));
      JsonNode said;
      try {
        said = client.compare("127.0.0.1:" + port, List.of(EVERY_TYPE, HALF), rounds);
      } finally {
        // An agent that has ended explains whatever the client says.
        fleet.checkAgents();
      }
      List<String> wrong = new ArrayList<>();
      said.path("wrong").forEach(line -> wrong.add(line.asText()));
      return new ProtocolComparison(
          said.path("calls").asLong(), said.path("mismatches").asLong(), wrong);
    }
  }
}
