package dev.heirloom.actors.adaptation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the policy remembers of one device; at most 2 KiB encoded.
 *
 * @param rung desired rung; 0 before the first assignment
 * @param speed how fast the device is against its ladder
 * @param goodWindows consecutive counted windows within budget since the last change
 * @param settling windows still to be skipped after a change
 * @param unmetTold whether it was told that no rung meets the budget
 * @param rungs what was learnt of single rungs, by rung
 */
public record PolicyState(
    int rung,
    Speed speed,
    int goodWindows,
    int settling,
    boolean unmetTold,
    List<RungMemory> rungs) {

  /** Nothing is known and nothing is desired. */
  public static final PolicyState BLANK = new PolicyState(0, Speed.UNKNOWN, 0, 0, false, List.of());

  private static final int MOST_RUNGS = 16;

  public PolicyState {
    if (rung < 0) {
      throw new IllegalArgumentException("rung: " + rung + " (expected: >= 0)");
    }
    rungs = List.copyOf(rungs);
  }

  /** Whether the device has measured anything. */
  public boolean measured() {
    return speed.measured();
  }

  /** The state after the desired rung became {@code newRung}, for whatever reason. */
  public PolicyState movedTo(int newRung) {
    return new PolicyState(newRung, speed, 0, 1, false, rungs);
  }

  /** The state for another ladder: the device's speed is kept, what single rungs taught is not. */
  public PolicyState forNewLadder() {
    return new PolicyState(0, speed, 0, 0, false, List.of());
  }

  PolicyState settled() {
    return new PolicyState(rung, speed, goodWindows, settling - 1, unmetTold, rungs);
  }

  PolicyState withGoodWindows(int count) {
    return count == goodWindows
        ? this
        : new PolicyState(rung, speed, count, settling, unmetTold, rungs);
  }

  PolicyState withUnmetTold(boolean told) {
    return told == unmetTold
        ? this
        : new PolicyState(rung, speed, goodWindows, settling, told, rungs);
  }

  PolicyState withSpeed(Speed newSpeed) {
    return new PolicyState(rung, newSpeed, goodWindows, settling, unmetTold, rungs);
  }

  RungMemory memory(int ofRung) {
    for (RungMemory memory : rungs) {
      if (memory.rung() == ofRung) {
        return memory;
      }
    }
    return RungMemory.blank(ofRung);
  }

  /** Whether all that was measured was measured at one rung, or nothing was. */
  boolean onlyMeasuredAt(int ofRung) {
    for (RungMemory memory : rungs) {
      if (memory.rung() != ofRung && memory.windows() > 0) {
        return false;
      }
    }
    return true;
  }

  /** Log ratio beyond the device's that is expected at a rung: its own, or the nearest one's. */
  double bias(int atRung) {
    int nearest = Integer.MAX_VALUE;
    double bias = 0;
    for (RungMemory memory : rungs) {
      int distance = Math.abs(memory.rung() - atRung);
      if (memory.windows() > 0 && distance < nearest) {
        nearest = distance;
        bias = memory.bias();
      }
    }
    return bias;
  }

  PolicyState remember(RungMemory memory) {
    List<RungMemory> all = new ArrayList<>(rungs.size() + 1);
    for (RungMemory other : rungs) {
      if (other.rung() != memory.rung()) {
        all.add(other);
      }
    }
    all.add(memory);
    if (all.size() > MOST_RUNGS) {
      all.sort(Comparator.comparingInt(other -> Math.abs(other.rung() - rung)));
      all = all.subList(0, MOST_RUNGS);
    }
    all.sort(Comparator.comparingInt(RungMemory::rung));
    return withRungs(all);
  }

  PolicyState mapRungs(UnaryOperator<RungMemory> change) {
    return withRungs(rungs.stream().map(change).toList());
  }

  /** One window later: what broke a budget long ago is forgotten. */
  PolicyState aged() {
    for (RungMemory memory : rungs) {
      if (memory.breaks() > 0) {
        return mapRungs(RungMemory::aged);
      }
    }
    return this;
  }

  private PolicyState withRungs(List<RungMemory> memories) {
    return new PolicyState(rung, speed, goodWindows, settling, unmetTold, memories);
  }
}
