package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom inspect}: what a teacher or a family is made of. */
@Command(name = "inspect", description = "Shows what a teacher or a family is made of.")
final class InspectCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "TEACHER|FAMILY", description = "ONNX file or family directory.")
  private Path subject = Path.of("");

  @Option(names = "--json", description = "Print it as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  InspectCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    String text;
    ObjectNode node;
    if (Files.isDirectory(subject)) {
      Family family = Family.open(subject);
      text = FamilyTexts.text(family);
      node = FamilyTexts.json(family);
    } else {
      Teacher teacher = Teacher.read(subject);
      text = TeacherTexts.text(teacher);
      node = TeacherTexts.json(teacher);
    }
    context.result(text);
    if (json) {
      context.result(node);
    }
    return 0;
  }
}
