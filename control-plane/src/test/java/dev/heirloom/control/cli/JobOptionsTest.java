package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.trainer.JobOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class JobOptionsTest {
  @Test
  void areOptionsOfInherit() {
    assertThat(
            new CommandLine(new InheritCommand(CommandLineRun.context()))
                .getCommandSpec()
                .optionsMap()
                .keySet())
        .containsAll(JobOptions.NAMES.stream().map(name -> "--" + name).toList());
  }

  @Test
  void areCheckedBeforeAJobIsTaken() {
    JobOptions.parse(Map.of()).check();
    JobOptions.parse(
            Map.of(
                "rungs",
                "4",
                "cost",
                "bytes",
                "budget-parameters",
                "0.5,0.25",
                "wire",
                "fp16",
                "task",
                "regression",
                "precision",
                "float32",
                "augment",
                "flip",
                "seed",
                "7",
                "ladder-of",
                "wide"))
        .check();
    assertThatThrownBy(() -> JobOptions.parse(Map.of("resume", "")))
        .hasMessageStartingWith("resume: no option of a job");
    assertThatThrownBy(() -> JobOptions.parse(Map.of("steps", "many")).check())
        .hasMessage("steps: 'many' cannot be read");
    assertThatThrownBy(() -> JobOptions.parse(Map.of("cost", "euros")).check())
        .hasMessageStartingWith("cost: 'euros' (expected: one of");
  }
}
