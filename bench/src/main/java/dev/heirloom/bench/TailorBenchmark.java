package dev.heirloom.bench;

import com.google.protobuf.ByteString;
import dev.heirloom.bench.grpc.TailorClients;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * A hundred clients that are no agents ask for the same rung at once, then one asks again and
 * again.
 *
 * <p>Figures: {@code first_s}, until the last of the hundred has its heir whole; {@code
 * repeat_ms_p50}, to the first byte of a repeated request; {@code assemblies} of all requests;
 * {@code different}, heirs that are not what {@code heirloom export} writes; {@code heir_mib}.
 */
final class TailorBenchmark implements Benchmark {
  private static final int CLIENTS = 100;
  private static final int REPEATS = 200;
  private static final int QUICK_REPEATS = 40;
  private static final int WARM_UP = 10;
  private static final String ASSEMBLIES =
      "heirloom_tailor_assemblies_total{result=\"assembled\"} ";

  @Override
  public String name() {
    return "tailor";
  }

  @Override
  public String description() {
    return "what it takes until many clients that ask for one heir have it";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("repeat_ms_p50", 20),
        Goal.atMost("assemblies", 1),
        Goal.atMost("different", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Family family = HeavyFamily.inherit(run, run.directory().resolve("heavy")).family();
    try (ControlPlane plane =
        ControlPlane.start(
            new ControlPlaneSettings(run.directory().resolve("control-plane"), 0, 0))) {
      try (ControlPlaneClient publisher =
          new ControlPlaneClient(new HostPort("127.0.0.1", plane.grpcPort()))) {
        Publication.publish(publisher, family, sent -> {});
      }
      try (TailorClients clients =
          new TailorClients(plane.grpcPort(), CLIENTS, family.manifest().getName())) {
        clients.connect();
        return measure(run, family, plane, clients);
      }
    }
  }

  private static Figures measure(Run run, Family family, ControlPlane plane, TailorClients clients)
      throws Exception {
    run.say().accept(CLIENTS + " clients ask for the largest rung at once");
    long begunNs = System.nanoTime();
    List<TailorClients.Heir> heirs = new ArrayList<>(clients.askAtOnce());
    double firstSeconds = (System.nanoTime() - begunNs) / 1e9;
    List<Double> repeats = new ArrayList<>();
    for (int i = 0; i < WARM_UP + (run.quick() ? QUICK_REPEATS : REPEATS); i++) {
      run.check();
      TailorClients.Heir again = clients.askAgain();
      heirs.add(again);
      if (i >= WARM_UP) {
        repeats.add(again.firstByteMs());
      }
    }
    int rung = heirs.get(0).rung();
    ByteString exported =
        ByteString.copyFrom(HeirAssembler.assemble(family.manifest(), rung, family.blobs()));
    long different = heirs.stream().filter(heir -> !heir.onnx().equals(exported)).count();
    return Figures.none()
        .with("first_s", firstSeconds)
        .withPercentile("repeat_ms_p50", 0.5, repeats)
        .withPercentile("repeat_ms_p99", 0.99, repeats)
        .with("assemblies", assemblies(plane.httpPort()))
        .with("different", (double) different)
        .with("heir_mib", exported.size() / (double) BulkBlobs.MIB);
  }

  private static double assemblies(int httpPort) throws Exception {
    HttpRequest scrape =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/metrics")).build();
    return HttpClient.newHttpClient()
        .send(scrape, HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(ASSEMBLIES))
        .mapToDouble(line -> Double.parseDouble(line.substring(ASSEMBLIES.length())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no metric " + ASSEMBLIES));
  }
}
