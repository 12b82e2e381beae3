package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A teacher in words and as JSON. */
final class TeacherTexts {
  private TeacherTexts() {}

  static String text(Teacher teacher) {
    OnnxModel model = teacher.original();
    StringBuilder text = new StringBuilder();
    line(text, "inputs", specs(model.inputs()));
    line(text, "outputs", specs(model.outputs()));
    line(text, "opset", Integer.toString(model.opset()));
    line(text, "parameters", Figures.count(model.parameters()));
    line(text, "bytes", Figures.bytes(model.bytes().length));
    line(
        text,
        "operators",
        operators(model).entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", ")));
    text.append('\n');
    Table table = new Table("layer", "kind", "shape", "break-even rank");
    for (DenseLayer layer : teacher.layers()) {
      table.row(
          layer.name(),
          layer.node().getOpType(),
          layer.outputs() + "×" + layer.inputs(),
          Integer.toString(layer.breakEvenRank()));
    }
    text.append(table);
    new TreeMap<>(teacher.leftDense())
        .forEach(
            (name, why) -> text.append("\nstays as it is: ").append(name).append(", ").append(why));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-11s %s%n", name, value));
  }

  private static String specs(List<TensorSpec> specs) {
    return specs.stream()
        .map(
            spec ->
                spec.name()
                    + " "
                    + spec.type().name().replace("ELEMENT_TYPE_", "").toLowerCase(Locale.ROOT)
                    + spec.dims())
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Long> operators(OnnxModel model) {
    return model.nodes().stream()
        .collect(Collectors.groupingBy(NodeProto::getOpType, TreeMap::new, Collectors.counting()));
  }

  static ObjectNode json(Teacher teacher) {
    OnnxModel model = teacher.original();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("opset", model.opset())
            .put("parameters", model.parameters())
            .put("bytes", model.bytes().length);
    operators(model).forEach(node.putObject("operators")::put);
    for (DenseLayer layer : teacher.layers()) {
      node.withArray("layers")
          .addObject()
          .put("name", layer.name())
          .put("operator", layer.node().getOpType())
          .put("outputs", layer.outputs())
          .put("inputs", layer.inputs())
          .put("break_even_rank", layer.breakEvenRank());
    }
    new TreeMap<>(teacher.leftDense()).forEach(node.putObject("left_dense")::put);
    return node;
  }
}
