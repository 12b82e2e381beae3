package dev.heirloom.inheritance.training;

import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;

/**
 * A training's weights and optimiser state in libtorch's own file format. Its reader trusts what it
 * reads: whoever keeps such a file checks its digest first.
 */
final class TrainingArchive {
  private static final String DONE = "done";
  private static final String WEIGHT = "weight.";

  private TrainingArchive() {}

  static void write(Path file, long done, Weights weights, Optimization optimization)
      throws IOException {
    try (PointerScope scope = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      archive.write(DONE, Tensors.longs(new long[] {done}, 1), true);
      List<Tensor> trained = weights.trained();
      for (int i = 0; i < trained.size(); i++) {
        archive.write(WEIGHT + i, trained.get(i).detach(), true);
      }
      optimization.write(archive);
      archive.save_to(file.toString());
    } catch (RuntimeException e) {
      throw new IOException(file + ": " + firstLine(e), e);
    }
  }

  /**
   * Takes up weights and optimiser state.
   *
   * @return steps done
   */
  static long read(Path file, Weights weights, Optimization optimization)
      throws MalformedException {
    GradMode.set_enabled(false);
    try (PointerScope scope = new PointerScope()) {
      InputArchive archive = new InputArchive();
      archive.load_from(file.toString());
      List<Tensor> trained = weights.trained();
      for (int i = 0; i < trained.size(); i++) {
        Tensor kept = tensor(archive, WEIGHT + i);
        long[] expected = Tensors.dims(trained.get(i));
        if (!Arrays.equals(Tensors.dims(kept), expected)) {
          throw new MalformedException(
              "%s: weight %d: %s (expected: %s)"
                  .formatted(
                      file, i, Arrays.toString(Tensors.dims(kept)), Arrays.toString(expected)));
        }
        trained.get(i).copy_(kept);
      }
      optimization.read(archive);
      return Tensors.toLongs(tensor(archive, DONE))[0];
    } catch (RuntimeException e) {
      throw new MalformedException(file + ": not the state of this training: " + firstLine(e), e);
    } finally {
      GradMode.set_enabled(true);
    }
  }

  private static Tensor tensor(InputArchive archive, String name) {
    Tensor tensor = new Tensor();
    archive.read(name, tensor, true);
    return tensor;
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
