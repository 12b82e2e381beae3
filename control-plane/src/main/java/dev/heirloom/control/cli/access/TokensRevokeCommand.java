package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.Token;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom tokens revoke}: a token less; the calls that came with it end. */
@Command(name = "revoke", description = "Revokes a token; calls that came with it end.")
final class TokensRevokeCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "ID", description = "As 'tokens list' shows it.")
  private String id = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TokensRevokeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Token revoked = plane.ask(client -> client.access().revokeToken(id));
    List<Token> one = List.of(revoked);
    context.result(json ? AccessJson.tokens(one) : AccessTexts.tokens(one));
    return 0;
  }
}
