package dev.heirloom.control.cli;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.store.TrustDirectory;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.trust.KeyRoster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom init}: the keys of a new fleet, its authority, and its first administrator. */
@Command(
    name = "init",
    description =
        "Makes what a fleet is secured by: signing keys; an authority and the first admin token.")
final class InitCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private KeyFiles files = new KeyFiles();

  @Option(
      names = "--host",
      paramLabel = "NAME",
      split = ",",
      description = "Names and addresses that the control plane is called by, besides localhost.")
  private List<String> hosts = new ArrayList<>();

  @Option(
      names = "--keys-only",
      description =
          "Signing keys only: the control plane stays on the loopback address, in plain text, and"
              + " asks nobody who he is.")
  private boolean keysOnly;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  InitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    boolean keys = !TrustDirectory.exists(files.rosters());
    Path directory = files.data().resolve(ControlPlane.ACCESS);
    boolean secured = AccessDirectory.existsWhole(directory);
    boolean names = secured && !keysOnly && !hosts.isEmpty();
    if (!keys && !names && (keysOnly || secured)) {
      throw new CommandException(
          files.rosters() + ": there are keys already" + (keysOnly ? "" : ", and an authority"));
    }
    if (keys) {
      makeKeys();
    }
    if (names) {
      addHosts(directory);
    } else if (!keysOnly && !secured) {
      makeAccess(directory);
    }
    return 0;
  }

  private void addHosts(Path directory) throws IOException, MalformedException {
    List<String> all = AccessDirectory.open(directory).addHosts(hosts, Clock.systemUTC().instant());
    context.result("server       called " + String.join(", ", all) + " (from its next start)");
  }

  private void makeKeys() throws IOException, MalformedException {
    KeyRoster roster = TrustDirectory.create(files.rosters(), files.keys()).current();
    context.result("roster       " + files.rosters().resolve("1.roster") + " (agents: --trust)");
    context.result(
        "release key  "
            + files.keys().resolve("release.key")
            + " ("
            + roster.releaseKeys().get(0).id().brief()
            + ")");
    context.result(
        "root key     "
            + files.keys().resolve("root.key")
            + " (signs the next roster; keep it in a safe place)");
  }

  private void makeAccess(Path directory) throws IOException {
    TokenSecret secret = TokenSecret.create();
    AccessDirectory made =
        AccessDirectory.create(
            directory, hosts(), secret.id() + " " + secret.sha256(), Clock.systemUTC().instant());
    context.result("authority    " + made.authorityFile() + " (agents and commands: --ca)");
    context.result("server       called " + String.join(", ", hosts()));
    context.result("admin token  " + secret.text() + " (told this once)");
  }

  private List<String> hosts() {
    List<String> all = new ArrayList<>(List.of("localhost", "127.0.0.1", "::1"));
    hosts.stream().filter(host -> !all.contains(host)).forEach(all::add);
    return all;
  }
}
