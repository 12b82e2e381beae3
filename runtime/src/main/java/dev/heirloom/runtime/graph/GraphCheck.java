package dev.heirloom.runtime.graph;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.SparseTensorProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.runtime.MalformedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that a graph is whole and puts its nodes in topological order. */
final class GraphCheck {

  private final GraphProto graph;
  private final String origin;

  /** Initializers, and what Constant nodes hold, by name. */
  private final Map<String, TensorProto> constants = new HashMap<>();

  /** Names that are there before any node runs, those of enclosing graphs included. */
  private final Set<String> given;

  private GraphCheck(GraphProto graph, Set<String> outer, String origin) {
    this.graph = graph;
    this.origin = origin;
    this.given = new HashSet<>(outer);
  }

  /** The graph with its nodes in topological order; the same object if they already are. */
  static GraphProto sorted(GraphProto graph, String origin) throws MalformedException {
    return new GraphCheck(graph, Set.of(), origin).sorted();
  }

  private GraphProto sorted() throws MalformedException {
    checkConstants();
    checkOutputs();
    Map<String, Integer> producers = producers();
    List<Set<Integer>> before = dependencies(producers);
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!given.contains(output.getName()) && !producers.containsKey(output.getName())) {
        throw new MalformedException(origin + ": nothing produces the output " + output.getName());
      }
    }
    List<Integer> order = order(before);
    checkNodes(order);
    checkSubgraphs(producers.keySet());
    boolean inOrder = true;
    for (int i = 0; i < order.size(); i++) {
      inOrder &= order.get(i) == i;
    }
    if (inOrder) {
      return graph;
    }
    GraphProto.Builder builder = graph.toBuilder().clearNode();
    order.forEach(i -> builder.addNode(graph.getNode(i)));
    return builder.build();
  }

  private void checkConstants() throws MalformedException {
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        throw new MalformedException(
            "%s: tensor %s is in another file, which cannot be reached from here"
                .formatted(origin, tensor.getName()));
      }
      if (constants.put(tensor.getName(), tensor) != null) {
        throw new MalformedException(origin + ": two initializers are named " + tensor.getName());
      }
      OnnxTensors.check(tensor, origin);
    }
    given.addAll(constants.keySet());
    if (given.contains("")) {
      throw new MalformedException(origin + ": an initializer has no name");
    }
    for (SparseTensorProto tensor : graph.getSparseInitializerList()) {
      given.add(tensor.getValues().getName());
    }
    Set<String> inputs = new HashSet<>();
    for (ValueInfoProto input : graph.getInputList()) {
      if (!inputs.add(input.getName())) {
        throw new MalformedException(origin + ": two inputs are named " + input.getName());
      }
    }
    if (inputs.contains("")) {
      throw new MalformedException(origin + ": an input has no name");
    }
    given.addAll(inputs);
  }

  private void checkNodes(List<Integer> order) throws MalformedException {
    Set<String> values = new HashSet<>(given);
    values.removeAll(constants.keySet());
    for (int i : order) {
      NodeProto node = graph.getNode(i);
      new NodeCheck(node, constants, values, origin + ": " + title(i)).run();
      boolean measures = node.getOpType().equals("Shape") || node.getOpType().equals("Size");
      if (!measures && node.getInputList().stream().anyMatch(values::contains)) {
        values.addAll(node.getOutputList());
      }
    }
  }

  private void checkOutputs() throws MalformedException {
    if (graph.getOutputCount() == 0) {
      throw new MalformedException(origin + ": the graph has no outputs");
    }
    Set<String> outputs = new HashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!outputs.add(output.getName())) {
        throw new MalformedException(origin + ": two outputs are named " + output.getName());
      }
    }
    if (outputs.contains("")) {
      throw new MalformedException(origin + ": an output has no name");
    }
  }

  private Map<String, Integer> producers() throws MalformedException {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (node.getOpType().isEmpty()) {
        throw new MalformedException(origin + ": " + title(i) + " has no operator");
      }
      for (String output : node.getOutputList()) {
        if (output.isEmpty()) {
          continue;
        }
        if (given.contains(output) || producers.put(output, i) != null) {
          throw new MalformedException(origin + ": " + output + " is produced twice");
        }
      }
      if (node.getOpType().equals("Constant") && node.getOutputCount() > 0) {
        Attributes.tensor(node, "value").ifPresent(t -> constants.put(node.getOutput(0), t));
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasT()) {
          if (attribute.getT().getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            throw new MalformedException(
                "%s: %s keeps %s in another file (expected: an initializer there, or the values)"
                    .formatted(origin, title(i), attribute.getName()));
          }
          OnnxTensors.check(attribute.getT(), origin + ": " + title(i));
        }
      }
    }
    return producers;
  }

  /** For each node, the nodes whose outputs it or a graph inside it takes. */
  private List<Set<Integer>> dependencies(Map<String, Integer> producers)
      throws MalformedException {
    List<Set<Integer>> before = new ArrayList<>(graph.getNodeCount());
    for (int i = 0; i < graph.getNodeCount(); i++) {
      Set<Integer> needed = new LinkedHashSet<>();
      for (String input : graph.getNode(i).getInputList()) {
        Integer producer = producers.get(input);
        if (producer != null) {
          needed.add(producer);
        } else if (!input.isEmpty() && !given.contains(input)) {
          throw new MalformedException(
              "%s: nothing produces %s, which %s takes".formatted(origin, input, title(i)));
        }
      }
      Set<String> captured = new HashSet<>();
      graph.getNode(i).getAttributeList().forEach(attribute -> names(attribute, captured));
      for (String name : captured) {
        Integer producer = producers.get(name);
        if (producer != null && producer != i) {
          needed.add(producer);
        }
      }
      before.add(needed);
    }
    return before;
  }

  /** Kahn's algorithm; ties go to the earlier node, so a sorted graph keeps its order. */
  private List<Integer> order(List<Set<Integer>> before) throws MalformedException {
    int count = before.size();
    boolean ascending = true;
    for (int i = 0; i < count; i++) {
      int node = i;
      ascending &= before.get(i).stream().allMatch(earlier -> earlier < node);
    }
    List<Integer> order = new ArrayList<>(count);
    if (ascending) {
      for (int i = 0; i < count; i++) {
        order.add(i);
      }
      return order;
    }
    int[] waiting = new int[count];
    List<List<Integer>> after = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      after.add(new ArrayList<>());
    }
    Deque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      int node = i;
      before.get(i).forEach(earlier -> after.get(earlier).add(node));
      waiting[i] = before.get(i).size();
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    while (!ready.isEmpty()) {
      int node = ready.remove();
      order.add(node);
      for (int next : after.get(node)) {
        if (--waiting[next] == 0) {
          ready.add(next);
        }
      }
    }
    if (order.size() < count) {
      Set<Integer> stuck = new LinkedHashSet<>();
      for (int i = 0; i < count; i++) {
        stuck.add(i);
      }
      order.forEach(stuck::remove);
      throw new MalformedException(
          origin + ": the graph has a cycle through " + title(stuck.iterator().next()));
    }
    return order;
  }

  private void checkSubgraphs(Set<String> produced) throws MalformedException {
    Set<String> scope = new HashSet<>(given);
    scope.addAll(produced);
    for (NodeProto node : graph.getNodeList()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          new GraphCheck(attribute.getG(), scope, origin).sorted();
        }
        for (GraphProto inner : attribute.getGraphsList()) {
          new GraphCheck(inner, scope, origin).sorted();
        }
      }
    }
  }

  private static void names(AttributeProto attribute, Set<String> names) {
    if (attribute.hasG()) {
      names(attribute.getG(), names);
    }
    attribute.getGraphsList().forEach(inner -> names(inner, names));
  }

  private static void names(GraphProto inner, Set<String> names) {
    inner.getOutputList().forEach(output -> names.add(output.getName()));
    for (NodeProto node : inner.getNodeList()) {
      names.addAll(node.getInputList());
      node.getAttributeList().forEach(attribute -> names(attribute, names));
    }
  }

  private String title(int node) {
    NodeProto proto = graph.getNode(node);
    return proto.getName().isEmpty()
        ? "node " + node + " (" + proto.getOpType() + ")"
        : "node " + proto.getName() + " (" + proto.getOpType() + ")";
  }
}
