package dev.heirloom.bench;

import java.util.List;

/** Something that can be measured again and again, with goals of its own. */
public sealed interface Benchmark
    permits LoopBenchmark,
        PromotionBenchmark,
        ThroughputBenchmark,
        StalledPeersBenchmark,
        MessageFuzzBenchmark,
        TailorBenchmark,
        SwapsBenchmark,
        AgentKillsBenchmark,
        RealLoadBenchmark,
        DecisionBenchmark,
        FootprintBenchmark,
        ProtocolBenchmark,
        InheritBenchmark,
        LatencyLadderBenchmark,
        PredictionBenchmark,
        FamiliesBenchmark,
        NestedBenchmark,
        TrainingFreeBenchmark,
        StudentBenchmark,
        OnnxFuzzBenchmark,
        FactoringBenchmark,
        ExactnessBenchmark,
        TrainingStepBenchmark,
        PolicyBenchmark,
        ColdStartBenchmark,
        RolloutsBenchmark,
        JobsBenchmark {

  /** Every benchmark, in the order in which they are listed. */
  static List<Benchmark> all() {
    return List.of(
        new LoopBenchmark(),
        new PromotionBenchmark(),
        new ThroughputBenchmark(),
        new StalledPeersBenchmark(),
        new MessageFuzzBenchmark(),
        new TailorBenchmark(),
        new SwapsBenchmark(),
        new AgentKillsBenchmark(),
        new RealLoadBenchmark(),
        new DecisionBenchmark(),
        new FootprintBenchmark(),
        new ProtocolBenchmark(),
        new InheritBenchmark(),
        new LatencyLadderBenchmark(),
        new PredictionBenchmark(),
        new FamiliesBenchmark(),
        new NestedBenchmark(),
        new TrainingFreeBenchmark(),
        new StudentBenchmark(),
        new OnnxFuzzBenchmark(),
        new FactoringBenchmark(),
        new ExactnessBenchmark(),
        new TrainingStepBenchmark(),
        new PolicyBenchmark(),
        new ColdStartBenchmark(),
        new RolloutsBenchmark(),
        new JobsBenchmark());
  }

  /** As on the command line and in the name of the file that is recorded. */
  String name();

  /** What is measured, in one line. */
  String description();

  /** What the figures shall come to; in a quick run too. */
  List<Goal> goals();

  /** Measures; an exception means that there are no figures. */
  Figures run(Run run) throws Exception;
}
