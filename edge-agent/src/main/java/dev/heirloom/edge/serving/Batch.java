package dev.heirloom.edge.serving;

import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Several requests as one inference: their inputs are joined along the batch axis, the first. */
final class Batch {
  private final List<Request> requests;
  private final int[] rows;

  Batch(List<Request> requests) {
    this.requests = List.copyOf(requests);
    this.rows = requests.stream().mapToInt(Batch::rows).toArray();
  }

  /**
   * Whether two requests ask for the same of inputs, no texts, that differ in the batch axis only.
   */
  static boolean fits(Request one, Request other) {
    if (!one.outputs().equals(other.outputs())
        || !one.inputs().keySet().equals(other.inputs().keySet())) {
      return false;
    }
    return one.inputs().keySet().stream()
        .allMatch(name -> fits(input(one, name), input(other, name)));
  }

  private static boolean fits(TensorValue one, TensorValue other) {
    long[] dims = one.dims();
    long[] others = other.dims();
    return one.type() == other.type()
        && one.type() != ElementType.ELEMENT_TYPE_STRING
        && dims.length == others.length
        && dims.length > 0
        && Arrays.equals(dims, 1, dims.length, others, 1, others.length);
  }

  private static TensorValue input(Request request, String name) {
    return Objects.requireNonNull(request.inputs().get(name));
  }

  private static int rows(Request request) {
    return Math.toIntExact(request.inputs().values().iterator().next().dims()[0]);
  }

  /** The joined inputs. */
  Map<String, TensorValue> inputs() {
    Map<String, TensorValue> joined = new LinkedHashMap<>();
    for (String name : requests.get(0).inputs().keySet()) {
      joined.put(name, joined(requests.stream().map(request -> input(request, name)).toList()));
    }
    return joined;
  }

  private TensorValue joined(List<TensorValue> parts) {
    List<byte[]> contents = parts.stream().map(TensorValue::toLittle).toList();
    ByteBuffer all = ByteBuffer.allocate(contents.stream().mapToInt(part -> part.length).sum());
    contents.forEach(all::put);
    long[] dims = parts.get(0).dims();
    dims[0] = Arrays.stream(rows).sum();
    return TensorValue.little(parts.get(0).type(), all.flip(), dims);
  }

  /**
   * Each request's own outputs.
   *
   * @throws SessionException if an output does not have the batch axis first
   */
  List<Map<String, TensorValue>> apart(Map<String, TensorValue> outputs) throws SessionException {
    List<Map<String, TensorValue>> each = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      each.add(new LinkedHashMap<>());
    }
    int all = Arrays.stream(rows).sum();
    for (Map.Entry<String, TensorValue> output : outputs.entrySet()) {
      TensorValue value = output.getValue();
      long[] dims = value.dims();
      if (dims.length == 0 || dims[0] != all) {
        throw new SessionException(
            "output %s: dims %s (expected: a batch of %d)"
                .formatted(output.getKey(), Arrays.toString(dims), all));
      }
      ByteBuffer content = ByteBuffer.wrap(value.toLittle());
      int rowBytes = value.elements() / all * ElementTypes.bytes(value.type());
      for (int i = 0; i < rows.length; i++) {
        dims[0] = rows[i];
        ByteBuffer own = content.slice(content.position(), rows[i] * rowBytes);
        content.position(content.position() + rows[i] * rowBytes);
        each.get(i).put(output.getKey(), TensorValue.little(value.type(), own, dims));
      }
    }
    return each;
  }
}
