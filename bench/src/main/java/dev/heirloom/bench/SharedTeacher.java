package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A teacher of {@code HEIRLOOM_DATA} with the data that it was trained for.
 *
 * @param name of its file, without the ending
 * @param train paths below {@code data}, with commas between files
 * @param validate the same
 * @param normalize options of {@code --normalize}
 */
record SharedTeacher(String name, String train, String validate, List<String> normalize) {
  private static final String FASHION_TRAIN =
      "fashion-mnist/train-images-idx3-ubyte.gz,fashion-mnist/train-labels-idx1-ubyte.gz";
  private static final String FASHION_TEST =
      "fashion-mnist/t10k-images-idx3-ubyte.gz,fashion-mnist/t10k-labels-idx1-ubyte.gz";

  static final SharedTeacher FASHION =
      new SharedTeacher("fashion-resnet14", FASHION_TRAIN, FASHION_TEST, List.of("0.2860/0.3530"));
  static final SharedTeacher DIGITS =
      new SharedTeacher(
          "digits-seen-and-heard",
          "digits-seen-and-heard/train.npz",
          "digits-seen-and-heard/test.npz",
          List.of());
  static final SharedTeacher SENTENCES =
      new SharedTeacher("sentences-gpt", "sentences/train.npz", "sentences/test.npz", List.of());

  /** The name as it stands in figures. */
  String figure() {
    return name.replace('-', '_');
  }

  Path file(Run run) throws CommandException {
    return run.data("models/" + name + ".onnx");
  }

  String trainSpec(Run run) throws CommandException {
    return spec(run, train);
  }

  String validateSpec(Run run) throws CommandException {
    return spec(run, validate);
  }

  private static String spec(Run run, String files) throws CommandException {
    List<String> paths = new ArrayList<>();
    for (String file : files.split(",", -1)) {
      paths.add(run.data("data/" + file).toString());
    }
    return String.join(",", paths);
  }

  /** Arguments of {@code heirloom inherit}, figures as JSON on the last line. */
  List<String> inherit(Run run, Path out, List<String> more) throws CommandException {
    List<String> arguments = new ArrayList<>(List.of("inherit", file(run).toString()));
    arguments.addAll(List.of("--train", trainSpec(run), "--validate", validateSpec(run)));
    normalize.forEach(option -> arguments.addAll(List.of("--normalize", option)));
    arguments.addAll(List.of("--out", out.toString(), "--json"));
    arguments.addAll(more);
    return arguments;
  }
}
