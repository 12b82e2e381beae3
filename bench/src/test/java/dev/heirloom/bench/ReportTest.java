package dev.heirloom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Machine MACHINE = new Machine(2, "a processor", 8.2, "Linux 6");
  private static final List<Goal> GOALS =
      List.of(Goal.atMost("seconds", 60), Goal.atLeast("requests", 100));

  private static Report report(Figures figures) {
    return new Report("loop", "abc", MACHINE, figures, GOALS);
  }

  @Test
  void isMetWhereEveryGoalIs() {
    Figures figures = Figures.none().with("seconds", 60).with("requests", 100);

    assertThat(report(figures).met()).isTrue();
  }

  @Test
  void isNotMetWhereAFigureIsMissing() {
    assertThat(report(Figures.none().with("seconds", 1)).met()).isFalse();
  }

  @Test
  void isNotMetWhereABoundIsBroken() {
    Figures figures = Figures.none().with("seconds", 60.001).with("requests", 100);

    assertThat(report(figures).met()).isFalse();
  }

  @Test
  void writesOneLineOfJson() {
    Figures figures = Figures.none().with("seconds", 12.34567).with("requests", 7);

    assertThat(report(figures).json())
        .hasToString(
            "{\"bench\":\"loop\",\"commit\":\"abc\",\"machine\":{\"cores\":2,\"model\":\"a"
                + " processor\",\"memory_gb\":8.2,\"os\":\"Linux 6\"},\"figures\":{\"seconds\":"
                + "12.346,\"requests\":7.0},\"goals\":{\"seconds\":\"<= 60\",\"requests\":\">="
                + " 100\"},\"met\":false}");
  }

  @Test
  void findsPercentilesByNearestRank() {
    List<Double> samples = List.of(5.0, 1.0, 4.0, 2.0, 3.0);

    Figures figures =
        Figures.none().withPercentile("p50", 0.5, samples).withPercentile("p95", 0.95, samples);

    assertThat(figures.value("p50")).hasValue(3);
    assertThat(figures.value("p95")).hasValue(5);
  }

  @Test
  void namesEveryBenchmarkOnce() {
    assertThat(Benchmark.all()).extracting(Benchmark::name).doesNotHaveDuplicates();
    assertThat(Benchmark.all()).allMatch(benchmark -> !benchmark.goals().isEmpty());
  }
}
