package dev.heirloom.inheritance;

import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.runtime.session.CudaProvider;
import dev.heirloom.runtime.session.Device;
import dev.heirloom.runtime.session.SessionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which device runs which stage. The stages that train need libtorch's CUDA, those that run the
 * teacher and the heirs ONNX Runtime's; factors and every latency are the processor's.
 *
 * @param trainer what keeps libtorch from the GPU; empty where nothing does
 * @param runtime what keeps ONNX Runtime from the GPU; empty where nothing does
 */
record Placement(Optional<String> trainer, Optional<String> runtime) {

  /**
   * Looks where the stages can run.
   *
   * @param device auto, cpu or cuda
   * @throws RefusedException if cuda is asked for and the fine-tune cannot have it
   */
  static Placement of(String device) throws RefusedException {
    if (device.equals("cpu")) {
      Optional<String> asked = Optional.of("--device cpu");
      return new Placement(asked, asked);
    }
    Placement found = new Placement(NestedTrainer.cudaMissing(), CudaProvider.missing());
    if (device.equals("cuda") && !found.trains()) {
      List<String> missing = new ArrayList<>();
      found.trainer.ifPresent(reason -> missing.add("fine-tune: " + reason));
      found.runtime.ifPresent(reason -> missing.add("calibrate, evaluate: " + reason));
      missing.add("--device auto uses what there is; see docs/how-to/gpu.md.");
      throw new RefusedException("--device cuda: the fine-tune cannot run on a GPU", missing);
    }
    return found;
  }

  /** Whether the fine-tune and the recalibration run on the GPU. */
  boolean trains() {
    return trainer.isEmpty();
  }

  /** Whether calibration and evaluation run on the GPU. */
  boolean runs() {
    return runtime.isEmpty();
  }

  /** Settings for the sessions of calibration and evaluation; latencies are not measured so. */
  SessionSettings sessions(int threads) {
    return runs() ? new SessionSettings(threads, Device.CUDA) : SessionSettings.cpu(threads);
  }

  /** One line for people. */
  String describe() {
    if (trains() && runs()) {
      return "GPU: calibrate, fine-tune, recalibrate, evaluate; processor: factor, ladder, latencies";
    }
    if (trains()) {
      return "GPU: fine-tune, recalibrate; processor: everything else (" + runtime.get() + ")";
    }
    if (runs()) {
      return "GPU: calibrate, evaluate; processor: everything else (" + trainer.get() + ")";
    }
    return "processor: every stage (" + trainer.get() + ")";
  }
}
