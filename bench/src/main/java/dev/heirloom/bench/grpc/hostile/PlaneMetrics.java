package dev.heirloom.bench.grpc.hostile;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a control plane tells Prometheus. */
final class PlaneMetrics {
  private static final Pattern CALLS =
      Pattern.compile("heirloom_grpc_calls_total\\{code=\"[A-Z_]+\",method=\"([^\"]+)\"\\} (\\S+)");

  private final HttpClient client = HttpClient.newHttpClient();
  private final URI page;

  PlaneMetrics(int httpPort) {
    this.page = URI.create("http://127.0.0.1:" + httpPort + "/metrics");
  }

  /** Calls that ended, by method. */
  Map<String, Double> calls() throws IOException, InterruptedException {
    Map<String, Double> calls = new HashMap<>();
    text()
        .lines()
        .map(CALLS::matcher)
        .filter(Matcher::matches)
        .forEach(
            line -> calls.merge(line.group(1), Double.parseDouble(line.group(2)), Double::sum));
    return calls;
  }

  /** The sum over all series of a metric. */
  double sum(String name) throws IOException, InterruptedException {
    return text()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private String text() throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
