package dev.heirloom.control.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom completion}: what makes a shell complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints what makes a shell complete commands and options.",
      "For bash, and for zsh after 'autoload -U bashcompinit && bashcompinit':",
      "  source <(heirloom completion bash)"
    })
final class CompletionCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "bash|zsh", description = "The shell.")
  private String shell = "";

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  CompletionCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (!shell.equals("bash") && !shell.equals("zsh")) {
      throw new ParameterException(
          spec.commandLine(), "no completion for " + shell + " (expected: bash or zsh)");
    }
    context.result(AutoComplete.bash("heirloom", spec.root().commandLine()));
    return ExitCodes.DONE;
  }
}
