package dev.heirloom.inheritance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.runtime.family.RungFigures;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LadderOptionsTest {

  private static final MethodOptions HEIRLOOM = MethodOptions.of(Method.HEIRLOOM);

  @TempDir private Path directory;

  private InheritReport inherit(LadderOptions ladder) throws Exception {
    return new WideTeacher(directory).inherit(ladder, HEIRLOOM, 0);
  }

  @ParameterizedTest
  @EnumSource(Cost.class)
  void everyUnitGivesRungsThatRise(Cost unit) throws Exception {
    InheritReport report =
        inherit(new LadderOptions(3, unit, List.of(), List.of(), OptionalLong.empty(), List.of()));
    assertThat(report.rungs())
        .extracting(RungFigures::parameters)
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(report.tables()).hasSameSizeAs(report.layers());
    int finest = report.tables().get(0).options().get(0).rank();
    assertThat(finest).isEqualTo(unit == Cost.BYTES ? 4 : 16);
  }

  @Test
  void everyShareOfTheParametersIsARungAndTheLargestWithin() throws Exception {
    List<Double> shares = List.of(0.3, 0.4);
    InheritReport report =
        inherit(
            new LadderOptions(2, Cost.MACS, List.of(), shares, OptionalLong.empty(), List.of()));
    assertThat(report.rungs()).hasSize(2);
    for (int i = 0; i < 2; i++) {
      double most = shares.get(i) * report.teacher().getParameters();
      // One more block of rank in either of the two layers would be too much.
      assertThat((double) report.rungs().get(i).parameters()).isBetween(most - 16 * 1280 - 1, most);
    }
  }

  @Test
  void everySizeHasARungAsNearAsTheStepsOfRankAllow() throws Exception {
    InheritReport report = inherit(LadderOptions.of(4).near(List.of(0.4, 0.3)));
    for (double size : List.of(0.3, 0.4)) {
      double wanted = size * report.teacher().getParameters();
      assertThat(report.rungs())
          .anySatisfy(
              rung ->
                  assertThat((double) rung.parameters()).isCloseTo(wanted, within(16.0 * 1280)));
    }
  }

  @Test
  void aSizeThatNoHeirHasIsLeftToTheEndsOfTheLadder() throws Exception {
    assertThat(inherit(LadderOptions.of(2).near(List.of(0.01, 0.99))).rungs()).hasSize(2);
  }

  @Test
  void budgetsForWhichThereAreTooFewRungsAreRefused() {
    assertThatThrownBy(
            () ->
                new LadderOptions(
                    1, Cost.MACS, List.of(), List.of(0.3, 0.4), OptionalLong.empty(), List.of()))
        .hasMessage("rungs: 1 (expected: at least one for each budget)");
  }

  @Test
  void aBudgetThatNoHeirKeepsIsRefusedWithTheBest() {
    assertThatThrownBy(
            () ->
                inherit(
                    new LadderOptions(
                        2, Cost.MACS, List.of(), List.of(0.01), OptionalLong.empty(), List.of())))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the smallest heir has 0.1");
    assertThatThrownBy(
            () ->
                inherit(
                    new LadderOptions(
                        2, Cost.MACS, List.of(), List.of(), OptionalLong.of(1), List.of())))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the fastest heir takes");
    assertThat(directory.resolve("family")).doesNotExist();
  }

  @Test
  void aGivenLadderIsTakenAsItIs() throws Exception {
    InheritReport report =
        inherit(
            LadderOptions.given(
                List.of(
                    Map.of("b_c_node", 16, "c_c_node", 16),
                    Map.of("b_c_node", 16, "c_c_node", 32))));
    assertThat(report.rungs())
        .extracting(RungFigures::ranks)
        .containsExactly(List.of(16, 16), List.of(16, 32));
  }

  @Test
  void aGivenLadderThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> inherit(LadderOptions.given(List.of(Map.of("other", 16)))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no layer other");
    assertThatThrownBy(
            () ->
                inherit(
                    LadderOptions.given(List.of(Map.of("b_c_node", 32), Map.of("b_c_node", 16)))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("rank 16 of layer b_c_node (expected: 32..115, never falling)");
  }

  @Test
  void writesGivenRanksInAnOrderThatEveryProcessHas() {
    Map<String, Integer> ranks = new HashMap<>();
    for (char name = 'a'; name <= 'l'; name++) {
      ranks.put(name + "" + (char) ('z' - name + 'a'), name - 'a' + 1);
    }

    assertThat(LadderOptions.given(List.of(ranks)).given())
        .hasToString(
            "[{az=1, by=2, cx=3, dw=4, ev=5, fu=6, gt=7, hs=8, ir=9, jq=10, kp=11, lo=12}]");
  }
}
