package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OperatorsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "reference", "operators.md");

  @Test
  void thePageNamesEveryOperatorOfTheFineTune() throws Exception {
    String page = Files.readString(PAGE);
    int from = page.indexOf("checked against ONNX Runtime");
    String list = page.substring(from, page.indexOf("\n\n", page.indexOf('`', from)));
    TreeSet<String> named = new TreeSet<>();
    Matcher names = Pattern.compile("`(\\w+)`").matcher(list);
    while (names.find()) {
      named.add(names.group(1));
    }
    assertThat(named).isEqualTo(new TreeSet<>(Operators.names()));
  }
}
