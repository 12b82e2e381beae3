package dev.heirloom.inheritance;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** A convolutional teacher wide enough that factored layers are far faster, with random samples. */
final class WideTeacher {
  private static final int SIDE = 12;
  private static final int CLASSES = 4;

  private final Path directory;

  WideTeacher(Path directory) {
    this.directory = directory;
  }

  private static OnnxModel model() throws Exception {
    return new TinyModels(5)
        .input("image", -1, 1, SIDE, SIDE)
        .block("image", "a", 1, 128, 1)
        .block("a", "b", 128, 128, 1)
        .block("b", "c", 128, 128, 1)
        .node("GlobalAveragePool", List.of("c"), "pooled")
        .node("Flatten", List.of("pooled"), "flat")
        .weight("head", 0.5, 128, CLASSES)
        .weight("offset", 0.1, CLASSES)
        .node("Gemm", List.of("flat", "head", "offset"), "scores")
        .output("scores", -1, CLASSES)
        .build();
  }

  private String samples(String name, int size, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] pixels = new byte[size * SIDE * SIDE];
    random.nextBytes(pixels);
    Path file = directory.resolve(name);
    SampleWriter.write(
        SampleSet.of(size)
            .input(
                "image",
                ElementType.ELEMENT_TYPE_UINT8,
                List.of(1L, (long) SIDE, (long) SIDE),
                ByteBuffer.wrap(pixels))
            .labels(1, random.longs(size, 0, CLASSES).toArray())
            .build(),
        file);
    return file.toString();
  }

  /** Inherits into a directory called {@code family}. */
  InheritReport inherit(LadderOptions ladder, MethodOptions method, int steps) throws Exception {
    return Inheritance.run(
        Files.write(directory.resolve("teacher.onnx"), model().bytes()),
        samples("train.npz", 200, 1),
        samples("validate.npz", 50, 2),
        List.of(),
        directory.resolve("family"),
        new InheritOptions(ladder, method, OptionalInt.of(steps), 1, "cpu", 1),
        new Patient());
  }

  /** Listens to nothing and never ends the work. */
  private static final class Patient implements Progress {
    @Override
    public void stage(Stage stage) {}

    @Override
    public void step(long done, long total, OptionalDouble loss) {}

    @Override
    public void note(String line) {}

    @Override
    public boolean cancelled() {
      return false;
    }
  }
}
