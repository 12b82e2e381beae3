package dev.heirloom.inheritance.training;

import dev.heirloom.inheritance.factor.OutputMetric;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Gradients of a network's log-likelihood by the outputs of its layers, for {@link OutputMetric}.
 *
 * <p>The likelihood is of answers as the network itself would give them: classes by their shares,
 * numbers with one error for all of them. The expected second moment of these gradients is the
 * Fisher information; labels are not needed. Belongs to one thread; holds native memory until it is
 * closed.
 */
public final class OutputGradients implements AutoCloseable {

  /**
   * One layer's output.
   *
   * @param tensor its name in the graph
   * @param channelAxis 1, or -1 for the last axis
   * @param metric takes the gradients
   */
  public record Felt(String tensor, int channelAxis, OutputMetric metric) {}

  private final Lesson lesson;
  private final Device device;
  private final Weights weights;
  private final Scores scores;
  private final List<Felt> layers;
  private final Network network;
  private final SplittableRandom random;
  private final int threads;

  /**
   * Prepares a network.
   *
   * @param model all of whose operators the trainer knows
   * @param seed of the answers that are drawn
   * @param cuda whether to run on the first CUDA device
   * @throws TrainingException if the graph cannot be interpreted
   */
  public OutputGradients(
      ModelProto model, Lesson lesson, List<Felt> layers, long seed, int threads, boolean cuda)
      throws TrainingException {
    this.lesson = lesson;
    this.layers = List.copyOf(layers);
    this.random = new SplittableRandom(seed);
    this.threads = threads;
    NativeThreads.use(threads);
    device = new Device(cuda ? DeviceType.CUDA : DeviceType.CPU).retainReference();
    weights = new Weights(device);
    scores = Scores.of(model.getGraph(), lesson);
    try (PointerScope scope = new PointerScope()) {
      network = new Network(model, Map.of(), weights, Set.copyOf(wanted()));
    } catch (TrainingException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private List<String> wanted() {
    List<String> names = new ArrayList<>(List.of(scores.logits()));
    layers.forEach(layer -> names.add(layer.tensor()));
    return names.stream().distinct().toList();
  }

  /**
   * Adds every sample's gradients to the metrics.
   *
   * @param size samples in a batch
   * @param goOn hears after each batch how many samples are done; false ends the run early
   * @throws TrainingException if the graph fails on these samples
   */
  public void run(SampleSet samples, Preprocessor preprocessor, int size, LongPredicate goOn)
      throws TrainingException {
    NativeThreads.use(threads);
    try (NativeWork work = NativeWork.begin()) {
      for (int from = 0; from < samples.size(); from += size) {
        int end = Math.min(samples.size(), from + size);
        try (PointerScope scope = new PointerScope()) {
          add(Batch.of(samples, IntStream.range(from, end).toArray(), preprocessor, device));
        } catch (RuntimeException e) {
          throw TrainingException.at("gradients of the teacher", e);
        }
        if (!goOn.test(end) || work.endAwaited()) {
          break;
        }
      }
    }
  }

  private void add(Batch batch) throws TrainingException {
    Map<String, Tensor> values =
        network.run(batch.inputs(), wanted(), Pass.training(0, Precision.FLOAT32, false));
    List<Felt> reached = new ArrayList<>();
    TensorVector tensors = new TensorVector();
    for (Felt layer : layers) {
      Tensor value = Objects.requireNonNull(values.get(layer.tensor()));
      if (value.requires_grad()) {
        reached.add(layer);
        tensors.push_back(value);
      }
    }
    Tensor output = Objects.requireNonNull(values.get(scores.logits()));
    TensorVector answer = new TensorVector(surprise(Response.answer(output, lesson)));
    TensorVector gradients =
        torch.grad(answer, tensors, new TensorVector(), new BoolOptional(false), false, true);
    for (int i = 0; i < reached.size(); i++) {
      if (gradients.get(i).defined()) {
        add(reached.get(i), Tensors.asFloat(gradients.get(i)));
      }
    }
  }

  private static void add(Felt layer, Tensor gradient) {
    Tensor rows = gradient.movedim(layer.channelAxis(), -1);
    rows = rows.reshape(-1, rows.size(rows.dim() - 1));
    layer.metric().add(Tensors.toFloats(torch.matmul(rows.t(), rows)), rows.size(0));
  }

  /**
   * A value whose gradients have the Fisher information of the answer as their second moment. Of
   * classes with shares p that of the scores is {@code diag(p) − p pᵀ = B Bᵀ} with {@code B =
   * diag(√p) (I − √p √pᵀ)}, so {@code B ε} with random signs ε serves; that varies far less than
   * gradients of classes that are drawn.
   */
  private Tensor surprise(Tensor answer) {
    Tensor signs = signs(answer);
    if (!lesson.purpose().namesClasses()) {
      return torch.sum(torch.mul(answer, signs));
    }
    Tensor shares = torch.softmax(answer.detach(), 1);
    Tensor drawn = torch.mul(torch.sqrt(shares), signs);
    Tensor along = drawn.sum(new long[] {1}, true, new ScalarTypeOptional());
    return torch.sum(torch.mul(answer, torch.sub(drawn, torch.mul(shares, along))));
  }

  private Tensor signs(Tensor like) {
    float[] signs = new float[Math.toIntExact(like.numel())];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return Tensors.on(device, Tensors.floats(signs, Tensors.dims(like)));
  }

  @Override
  public void close() {
    weights.close();
    device.releaseReference();
  }
}
