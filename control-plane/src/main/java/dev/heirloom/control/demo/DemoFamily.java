package dev.heirloom.control.demo;

import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.Tuning;
import dev.heirloom.inheritance.training.Arithmetic;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.sample.SampleWriter;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A family made from the teacher that ships with the demo and from shapes rendered on the spot.
 *
 * @param rungs at most
 * @param steps of the fine-tune; 0 factors only
 * @param trainingImages to render
 * @param validationImages to render
 */
public record DemoFamily(int rungs, int steps, int trainingImages, int validationImages) {
  private static final String TEACHER = "shapes.onnx";
  private static final long TRAINING_SEED = 1;
  private static final long VALIDATION_SEED = 2;

  /** Steps of some seconds each, and small enough that a handful of them does no harm. */
  private static final Tuning FEW_STEPS =
      new Tuning(OptionalInt.of(48), OptionalDouble.of(0.01), Arithmetic.AUTO);

  /** Inherits for real, in some directory, which then has the teacher, the data and the family. */
  public Family inherit(Path directory, Progress progress)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          TrainingException,
          CancelledException {
    Path teacher = directory.resolve(TEACHER);
    try (InputStream resource = DemoFamily.class.getResourceAsStream(TEACHER)) {
      if (resource == null) {
        throw new IllegalStateException("resource " + TEACHER + " is missing");
      }
      Files.write(teacher, resource.readAllBytes());
    }
    Path train = render(directory.resolve("train.npz"), trainingImages, TRAINING_SEED);
    Path validate = render(directory.resolve("validate.npz"), validationImages, VALIDATION_SEED);
    Path out = directory.resolve("family");
    InheritOptions options =
        new InheritOptions(
                LadderOptions.of(rungs),
                MethodOptions.of(Method.HEIRLOOM),
                OptionalInt.of(steps),
                1,
                "cpu",
                Runtime.getRuntime().availableProcessors())
            .with(FEW_STEPS);
    Inheritance.run(
        teacher, train.toString(), validate.toString(), List.of(), out, options, progress);
    return Family.open(out);
  }

  private static Path render(Path file, int images, long seed) throws IOException {
    SampleWriter.write(ShapeSamples.render(images, seed, new Disturbance.None()), file);
    return file;
  }
}
