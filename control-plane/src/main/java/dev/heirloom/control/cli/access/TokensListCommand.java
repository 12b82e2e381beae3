package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.Token;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom tokens list}: every token, without its secret. */
@Command(name = "list", description = "Shows every token.")
final class TokensListCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TokensListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<Token> tokens = plane.ask(client -> client.access().tokens());
    context.result(json ? AccessJson.tokens(tokens) : AccessTexts.tokens(tokens));
    return 0;
  }
}
