package dev.heirloom.runtime.graph;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.StringStringEntryProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Loads initializers that a model keeps in other files of its directory. */
final class ExternalTensors {

  private ExternalTensors() {}

  static ModelProto load(ModelProto model, Path file) throws IOException, MalformedException {
    checkTotal(model, file);
    GraphProto.Builder graph = null;
    for (int i = 0; i < model.getGraph().getInitializerCount(); i++) {
      TensorProto tensor = model.getGraph().getInitializer(i);
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        graph = graph == null ? model.getGraph().toBuilder() : graph;
        graph.setInitializer(i, load(tensor, file));
      }
    }
    return graph == null ? model : model.toBuilder().setGraph(graph).build();
  }

  /** Before any of them is read: whether all of them together can be held. */
  private static void checkTotal(ModelProto model, Path file) throws MalformedException {
    long total = 0;
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        total += expectedBytes(tensor, file);
      }
    }
    if (total > 0) {
      OnnxModel.checkBytes(file + ": external tensors", total + model.getSerializedSize());
    }
  }

  private static long expectedBytes(TensorProto tensor, Path file) throws MalformedException {
    try {
      return OnnxTensors.storedBytes(tensor.getDataType(), OnnxTensors.elements(tensor));
    } catch (IllegalArgumentException e) {
      throw new MalformedException(file + ": " + e.getMessage(), e);
    }
  }

  private static TensorProto load(TensorProto tensor, Path file)
      throws IOException, MalformedException {
    String origin = file + ": tensor " + tensor.getName();
    Path source = source(tensor, file, origin);
    long available = Files.size(source);
    long offset = number(tensor, "offset", 0, origin);
    long length = number(tensor, "length", available - offset, origin);
    long expected = expectedBytes(tensor, file);
    if (length != expected) {
      throw new MalformedException(
          "%s: %d bytes in %s (expected: %d)"
              .formatted(origin, length, source.getFileName(), expected));
    }
    if (offset > available - length) {
      throw new MalformedException(origin + ": " + source.getFileName() + " is truncated");
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
    try (FileChannel channel = FileChannel.open(source)) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, offset + bytes.position()) < 0) {
          throw new MalformedException(origin + ": " + source.getFileName() + " is truncated");
        }
      }
    }
    return tensor.toBuilder()
        .clearExternalData()
        .clearDataLocation()
        .setRawData(UnsafeByteOperations.unsafeWrap(bytes.flip()))
        .build();
  }

  /** A location is a path below the model's directory; anything that leads out of it is refused. */
  private static Path source(TensorProto tensor, Path file, String origin)
      throws IOException, MalformedException {
    String location = entry(tensor, "location");
    Path directory = file.toAbsolutePath().normalize().getParent();
    if (location.isEmpty() || directory == null) {
      throw new MalformedException(origin + ": external, without a location");
    }
    Path source;
    try {
      source = directory.resolve(location).normalize();
    } catch (InvalidPathException e) {
      throw new MalformedException(origin + ": location is not a path", e);
    }
    if (!source.startsWith(directory)) {
      throw new MalformedException(
          origin + ": location " + location + " leaves the model's directory");
    }
    if (!Files.isRegularFile(source)) {
      throw new MalformedException(origin + ": no such file: " + source);
    }
    if (!source.toRealPath().startsWith(directory.toRealPath())) {
      throw new MalformedException(
          origin + ": location " + location + " leaves the model's directory");
    }
    return source;
  }

  private static long number(TensorProto tensor, String key, long dflt, String origin)
      throws MalformedException {
    String text = entry(tensor, key);
    try {
      long value = text.isEmpty() ? dflt : Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new MalformedException(origin + ": external " + key + " is not a number", e);
    }
    throw new MalformedException(origin + ": external " + key + " is negative or past the end");
  }

  private static String entry(TensorProto tensor, String key) {
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      if (entry.getKey().equals(key)) {
        return entry.getValue();
      }
    }
    return "";
  }
}
