package dev.heirloom.inheritance.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankPathTest {

  private static LayerTable table(String name, double sensitivity, long cost, double... lost) {
    List<LayerOption> options =
        IntStream.range(0, lost.length)
            .mapToObj(
                i ->
                    new LayerOption(
                        16 * (i + 1), lost[i], 1000L * (i + 1), 7L * (i + 1), cost * (i + 1)))
            .toList();
    LayerOption dense = new LayerOption(64, 0, 9000, 63, cost * lost.length * 2);
    return new LayerTable(name, dense, sensitivity, options);
  }

  private final List<LayerTable> tables =
      List.of(
          table("cheap", 1, 100, 0.5, 0.2, 0.1),
          table("dear", 1, 1000, 0.5, 0.2, 0.1),
          table("sensitive", 50, 1000, 0.5, 0.2, 0.1));

  @Test
  void ranksNeverFallAlongThePath() {
    List<RankPath.Point> path = RankPath.greedy(tables, Cost.LATENCY);
    for (int i = 1; i < path.size(); i++) {
      assertThat(path.get(i).cost()).isGreaterThan(path.get(i - 1).cost());
      assertThat(path.get(i).error()).isLessThan(path.get(i - 1).error());
      for (int layer = 0; layer < tables.size(); layer++) {
        assertThat(path.get(i).ranks().get(layer))
            .isGreaterThanOrEqualTo(path.get(i - 1).ranks().get(layer));
      }
    }
    assertThat(path.get(0).ranks()).containsExactly(16, 16, 16);
    assertThat(path.get(path.size() - 1).ranks()).containsExactly(48, 48, 48);
  }

  @Test
  void theMostErrorPerCostIsRemovedFirst() {
    List<RankPath.Point> path = RankPath.greedy(tables, Cost.LATENCY);
    assertThat(path.get(1).ranks()).containsExactly(16, 16, 32);
    int cheap = firstRise(path, 0);
    int dear = firstRise(path, 1);
    assertThat(cheap).isLessThan(dear);
  }

  private static int firstRise(List<RankPath.Point> path, int layer) {
    int i = 0;
    while (path.get(i).ranks().get(layer) == 16) {
      i++;
    }
    return i;
  }

  @Test
  void aUniformPathRaisesAllLayersTogether() {
    assertThat(RankPath.uniform(tables, Cost.LATENCY).stream().map(RankPath.Point::ranks))
        .containsExactly(List.of(16, 16, 16), List.of(32, 32, 32), List.of(48, 48, 48));
  }

  @Test
  void pricesInBytesIgnoreTime() {
    List<RankPath.Point> path = RankPath.greedy(tables, Cost.BYTES);
    assertThat(path.get(0).cost()).isEqualTo(3 * 4000);
    assertThat(firstRise(path, 0)).isLessThanOrEqualTo(firstRise(path, 1));
  }

  @Test
  void noiseOfAMeasurementNeverMakesALargerRankCheaper() {
    LayerTable noisy =
        new LayerTable(
            "noisy",
            new LayerOption(64, 0, 9000, 63, 900),
            1,
            List.of(
                new LayerOption(32, 0.2, 2000, 14, 90),
                new LayerOption(16, 0.5, 1000, 7, 100),
                new LayerOption(48, 0.1, 3000, 21, 300)));
    assertThat(noisy.options()).extracting(LayerOption::rank).containsExactly(16, 32, 48);
    assertThat(noisy.costs(Cost.LATENCY)).containsExactly(100, 101, 300);
    assertThat(noisy.costs(Cost.BYTES)).containsExactly(4000, 8000, 12000);
  }

  @Test
  void aUniformPathGoesThroughEveryRankOfTheLayerWithTheMost() {
    List<LayerTable> unlike = List.of(table("short", 1, 10, 0.5), table("long", 1, 10, 0.5, 0.2));
    assertThat(RankPath.uniform(unlike, Cost.MACS).stream().map(RankPath.Point::ranks))
        .containsExactly(List.of(16, 16), List.of(16, 32));
  }

  @Test
  void aLayerWhoseLossIsFeltAndWhoseWeightIsCheapIsDenseFirst() {
    List<LayerTable> unlike =
        List.of(table("felt", 1000, 10, 0.5), table("large", 1, 1000, 0.5, 0.2, 0.1));
    assertThat(Relaxed.dense(unlike, Cost.LATENCY, 0)).isEmpty();
    assertThat(Relaxed.dense(unlike, Cost.LATENCY, 0.1)).containsExactly(0);
    assertThat(Relaxed.dense(unlike, Cost.LATENCY, 1)).containsExactly(0, 1);
  }
}
