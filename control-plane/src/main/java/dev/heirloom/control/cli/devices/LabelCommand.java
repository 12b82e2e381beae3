package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.LabelsChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom devices label}: labels of operators, above those of profiles. */
@Command(
    name = "label",
    description = "Gives devices labels, which stand above those that they say of themselves.")
final class LabelCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private TargetOptions targets = new TargetOptions();

  @Option(names = "--set", paramLabel = "K=V", description = "A label; repeated.")
  private Map<String, String> set = new LinkedHashMap<>();

  @Option(
      names = "--clear",
      paramLabel = "K",
      description = "Take away an operator's label; what the profile says counts again.")
  private List<String> clear = new ArrayList<>();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  LabelCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (set.isEmpty() && clear.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no label was given (expected: --set K=V or --clear K)");
    }
    LabelsChange change = LabelsChange.newBuilder().putAllSet(set).addAllClear(clear).build();
    return Changes.run(
        context, plane, targets, targets.request().setLabels(change).build(), "labelled");
  }
}
