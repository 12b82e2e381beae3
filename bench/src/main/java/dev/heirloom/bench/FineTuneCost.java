package dev.heirloom.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.Stage;
import java.lang.management.ManagementFactory;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * Counts the processor time of an inheritance's fine-tune, which other work on the machine
 * stretches less than the time on the wall, and ends it where the run is interrupted.
 */
final class FineTuneCost implements Progress {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final BooleanSupplier interrupted;
  private Stage current = Stage.values()[0];
  private long beganNs = SYSTEM.getProcessCpuTime();
  private long fineTuneNs;

  FineTuneCost(BooleanSupplier interrupted) {
    this.interrupted = interrupted;
  }

  /** Processor seconds of all threads of this process during the fine-tune that is over. */
  double seconds() {
    return fineTuneNs / 1e9;
  }

  @Override
  public void stage(Stage stage) {
    long nowNs = SYSTEM.getProcessCpuTime();
    if (current == Stage.FINE_TUNE) {
      fineTuneNs += nowNs - beganNs;
    }
    current = stage;
    beganNs = nowNs;
  }

  @Override
  public void step(long done, long total, OptionalDouble loss) {}

  @Override
  public void note(String line) {}

  @Override
  public boolean cancelled() {
    return interrupted.getAsBoolean();
  }
}
