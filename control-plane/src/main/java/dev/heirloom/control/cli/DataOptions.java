package dev.heirloom.control.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** Which data a command trains on and reports on, and how it is prepared. */
public final class DataOptions {
  @Option(names = "--train", required = true, paramLabel = "DATA", description = "Training data.")
  private String train = "";

  @Option(
      names = "--validate",
      required = true,
      paramLabel = "DATA",
      description = "Data that is only reported on.")
  private String validate = "";

  @Option(
      names = "--normalize",
      paramLabel = "[INPUT=]MEAN/STD",
      description = "After scaling 8-bit values to 0..1; commas between channels. May be repeated.")
  private List<String> normalize = List.of();

  public String train() {
    return train;
  }

  public String validate() {
    return validate;
  }

  public List<String> normalize() {
    return normalize;
  }
}
