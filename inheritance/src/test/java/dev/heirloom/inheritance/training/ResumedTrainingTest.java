package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResumedTrainingTest {
  private static final int STEPS = 13;

  @TempDir private Path directory = Path.of("");

  /** Writes the state after some step, and ends after the next: that one is lost. */
  private record Ending(int at, Path file) implements NestedTrainer.Listener {
    @Override
    public void step(long done, long total, double loss) {
      assertThat(loss).isFinite();
    }

    @Override
    public boolean cancelled() {
      return Files.exists(file);
    }

    @Override
    public void standing(TrainingState state, boolean last) {
      assertThat(last).isEqualTo(state.done() == state.total() || cancelled());
      if (state.done() == at) {
        try {
          state.write(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static TrainingPlan plan(SmallFamily family, Descent descent, int threads) {
    TrainingPlan plan = family.plan(STEPS);
    List<Integer> largest = plan.ranksByRung().get(1);
    List<Integer> middle = largest.stream().map(rank -> rank / 2).toList();
    return new TrainingPlan(
        List.of(plan.ranksByRung().get(0), middle, middle, largest),
        STEPS,
        32,
        descent,
        0.01,
        5e-4,
        2,
        0.5,
        0.5,
        0.01,
        4,
        threads,
        false,
        Arithmetic.FLOAT32);
  }

  private record Outcome(List<FactorPair> pairs, Map<String, float[]> dense, long done) {}

  private Outcome train(
      SmallFamily family, TrainingPlan plan, Optional<Path> from, NestedTrainer.Listener listener)
      throws Exception {
    try (NestedTrainer trainer = family.trainer(plan)) {
      long done =
          trainer.train(family.samples(), family.preprocessor(), Optional.empty(), from, listener);
      return new Outcome(trainer.layers(), trainer.denseWeights(), done);
    }
  }

  private static void assertSame(Outcome actual, Outcome expected) {
    for (int i = 0; i < expected.pairs().size(); i++) {
      FactorPair pair = expected.pairs().get(i);
      assertThat(actual.pairs().get(i).down()).isEqualTo(pair.down());
      assertThat(actual.pairs().get(i).up(0)).isEqualTo(pair.up(0));
      assertThat(actual.pairs().get(i).gate()).isEqualTo(pair.gate());
    }
    assertThat(actual.dense()).containsOnlyKeys(expected.dense().keySet());
    expected.dense().forEach((name, v) -> assertThat(actual.dense().get(name)).isEqualTo(v));
  }

  @ParameterizedTest
  @CsvSource({"SGD,1", "SGD,2", "ADAMW,1"})
  void aTrainingThatWentOnEndsBitForBitWhereAnUndisturbedOneEnds(Descent descent, int threads)
      throws Exception {
    SmallFamily family = SmallFamily.convolutions(Norm.FULL, 3);
    TrainingPlan plan = plan(family, descent, threads);
    Path none = directory.resolve("none");
    Path state = directory.resolve("state");
    Path later = directory.resolve("later");
    Outcome undisturbed = train(family, plan, Optional.empty(), new Ending(0, none));

    Outcome first = train(family, plan, Optional.empty(), new Ending(5, state));
    Outcome second = train(family, plan, Optional.of(state), new Ending(9, later));
    Outcome last = train(family, plan, Optional.of(later), new Ending(0, none));

    assertThat(List.of(first.done(), second.done(), last.done())).containsExactly(6L, 10L, 13L);
    assertThat(first.pairs().get(1).down()).isNotEqualTo(undisturbed.pairs().get(1).down());
    assertSame(last, undisturbed);
  }

  @Test
  void theStateOfAnotherOptimiserIsRefused() throws Exception {
    SmallFamily family = SmallFamily.linear(Norm.NONE, 1);
    TrainingPlan plan = plan(family, Descent.ADAMW, 1);
    Path none = directory.resolve("none");
    Path sgd = directory.resolve("sgd");
    train(family, plan(family, Descent.SGD, 1), Optional.empty(), new Ending(5, sgd));

    assertThatThrownBy(() -> train(family, plan, Optional.of(sgd), new Ending(0, none)))
        .isInstanceOf(MalformedException.class)
        .message()
        .startsWith(sgd.toString())
        .doesNotContain("\n");
  }

  @Test
  void aStateOfOtherWeightsIsRefusedByTheFirstThatDiffers() throws Exception {
    Path state = directory.resolve("state");
    SmallFamily small = SmallFamily.linear(Norm.NONE, 1);
    train(small, plan(small, Descent.SGD, 1), Optional.empty(), new Ending(2, state));
    SmallFamily other = SmallFamily.convolutions(Norm.FULL, 1);

    assertThatThrownBy(
            () ->
                train(
                    other,
                    plan(other, Descent.SGD, 1),
                    Optional.of(state),
                    new Ending(0, directory.resolve("none"))))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("weight 0: [24, 24] (expected: [27, 3, 3, 3])");
  }

  @Test
  void whatIsAskedForTakesThePlaceOfWhatSuits() {
    TrainingPlan plan = TrainingPlan.forImages(List.of(List.of(4)), 10, 1, 1, false);

    TrainingPlan tuned =
        plan.tuned(OptionalInt.of(16), OptionalDouble.empty(), Arithmetic.BFLOAT16);

    assertThat(tuned.batch()).isEqualTo(16);
    assertThat(tuned.learningRate()).isEqualTo(plan.learningRate());
    assertThat(tuned.arithmetic()).isEqualTo(Arithmetic.BFLOAT16);
  }
}
