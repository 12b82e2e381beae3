package dev.heirloom.control.grpc;

import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Miss;
import dev.heirloom.actors.fleet.Origin;
import dev.heirloom.proto.v1.BudgetOrigins;
import dev.heirloom.proto.v1.LimitMiss;
import dev.heirloom.proto.v1.LimitOrigin;
import dev.heirloom.proto.v1.ListBudgetRulesResponse;
import java.util.List;
import java.util.Map;

/** Who asked for which limits, and what is missed of them, as messages. */
final class BudgetMessages {
  private BudgetMessages() {}

  static ListBudgetRulesResponse rules(BudgetRules rules) {
    ListBudgetRulesResponse.Builder message = ListBudgetRulesResponse.newBuilder();
    rules.rules().forEach(rule -> message.addRules(rule(rule)));
    return message.build();
  }

  private static dev.heirloom.proto.v1.BudgetRule rule(BudgetRule rule) {
    return dev.heirloom.proto.v1.BudgetRule.newBuilder()
        .setName(rule.name())
        .putAllSelector(rule.selector())
        .setLimits(limits(rule.limits()))
        .build();
  }

  private static dev.heirloom.proto.v1.Limits limits(Limits limits) {
    dev.heirloom.proto.v1.Limits.Builder message = dev.heirloom.proto.v1.Limits.newBuilder();
    if (limits.p95LatencyNs() != Limits.ABSENT) {
      message.setP95LatencyNs(limits.p95LatencyNs());
    }
    if (limits.memoryBytes() != Limits.ABSENT) {
      message.setMemoryBytes(limits.memoryBytes());
    }
    if (limits.sizeBytes() != Limits.ABSENT) {
      message.setSizeBytes(limits.sizeBytes());
    }
    if (limits.leastAccuracy() != Limits.ABSENT) {
      message.setLeastAccuracy(limits.leastAccuracy());
    }
    return message.build();
  }

  static BudgetOrigins origins(Map<LimitKind, Origin> origins) {
    return BudgetOrigins.newBuilder()
        .setP95Latency(origin(origins, LimitKind.P95_LATENCY))
        .setMemory(origin(origins, LimitKind.MEMORY))
        .setSize(origin(origins, LimitKind.SIZE))
        .setLeastAccuracy(origin(origins, LimitKind.ACCURACY))
        .build();
  }

  private static LimitOrigin origin(Map<LimitKind, Origin> origins, LimitKind kind) {
    Origin origin = origins.getOrDefault(kind, Origin.OWN);
    LimitOrigin.Builder message = LimitOrigin.newBuilder();
    if (origin instanceof Origin.Rule rule) {
      return message.setSource(LimitOrigin.Source.SOURCE_RULE).setRule(rule.name()).build();
    }
    return message
        .setSource(
            origin instanceof Origin.Operator
                ? LimitOrigin.Source.SOURCE_OPERATOR
                : LimitOrigin.Source.SOURCE_OWN)
        .build();
  }

  static List<LimitMiss> misses(List<Miss> misses) {
    return misses.stream()
        .map(
            miss ->
                LimitMiss.newBuilder()
                    .setKind(kind(miss.kind()))
                    .setLimit(miss.limit())
                    .setReached(miss.reached())
                    .setBy(miss.by())
                    .build())
        .toList();
  }

  private static dev.heirloom.proto.v1.LimitKind kind(LimitKind kind) {
    return switch (kind) {
      case MEMORY -> dev.heirloom.proto.v1.LimitKind.LIMIT_KIND_MEMORY;
      case SIZE -> dev.heirloom.proto.v1.LimitKind.LIMIT_KIND_SIZE;
      case P95_LATENCY -> dev.heirloom.proto.v1.LimitKind.LIMIT_KIND_P95_LATENCY;
      case ACCURACY -> dev.heirloom.proto.v1.LimitKind.LIMIT_KIND_ACCURACY;
    };
  }
}
