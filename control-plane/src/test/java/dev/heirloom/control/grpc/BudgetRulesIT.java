package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.LimitKind;
import dev.heirloom.proto.v1.LimitOrigin;
import dev.heirloom.proto.v1.Limits;
import dev.heirloom.proto.v1.ListBudgetRulesRequest;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.RemoveBudgetRuleRequest;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.proto.v1.SetBudgetRuleRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetRulesIT {
  private static final long MS = 1_000_000;
  private static final BudgetRule LAB =
      rule("lab", Map.of("site", "lab"), Limits.newBuilder().setP95LatencyNs(3 * MS));

  private final Path data;
  private ControlPlane plane;
  private Caller caller;

  BudgetRulesIT(@TempDir Path data) throws Exception {
    this.data = data;
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
  }

  @BeforeEach
  void publish() throws Exception {
    caller.publish(TinyFamily.small());
  }

  @AfterEach
  void stop() {
    caller.close();
    plane.close();
  }

  private void restart() throws Exception {
    stop();
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
  }

  private static BudgetRule rule(String name, Map<String, String> selector, Limits.Builder limits) {
    return BudgetRule.newBuilder().setName(name).putAllSelector(selector).setLimits(limits).build();
  }

  private List<BudgetRule> set(BudgetRule rule) {
    return caller
        .fleet()
        .setBudgetRule(SetBudgetRuleRequest.newBuilder().setRule(rule).build())
        .getRulesList();
  }

  private List<BudgetRule> remove(String name) {
    return caller
        .fleet()
        .removeBudgetRule(RemoveBudgetRuleRequest.newBuilder().setName(name).build())
        .getRulesList();
  }

  private List<BudgetRule> list() {
    return caller
        .fleet()
        .listBudgetRules(ListBudgetRulesRequest.getDefaultInstance())
        .getRulesList();
  }

  private Device get(String name) {
    return caller.fleet().getDevice(GetDeviceRequest.newBuilder().setName(name).build());
  }

  private static LimitOrigin by(LimitOrigin.Source source, String rule) {
    return LimitOrigin.newBuilder().setSource(source).setRule(rule).build();
  }

  @Test
  void tellsADeviceThatIsOnlineAtOnceAndOneThatJoinsWhenItConnects() throws Exception {
    TestAgent.enrol(caller, "online");
    try (TestAgent online = TestAgent.connect(caller, "online", 7 * MS)) {
      assertThat(online.budget().getP95LatencyNs()).isEqualTo(7 * MS);
      set(LAB);
      assertThat(online.budget().getP95LatencyNs()).isEqualTo(3 * MS);
      assertThat(get("online").getBudgetOrigins().getP95Latency())
          .isEqualTo(by(LimitOrigin.Source.SOURCE_RULE, "lab"));
      assertThat(get("online").getBudgetOrigins().getMemory())
          .isEqualTo(by(LimitOrigin.Source.SOURCE_OWN, ""));
      TestAgent.enrol(caller, "late");
      try (TestAgent late = TestAgent.connect(caller, "late", 7 * MS)) {
        assertThat(late.budget().getP95LatencyNs()).isEqualTo(3 * MS);
      }
      remove("lab");
      assertThat(online.budget().getP95LatencyNs()).isEqualTo(7 * MS);
    }
  }

  @Test
  void keepsRulesAndTheirOrderThroughARestart() throws Exception {
    BudgetRule all = rule("a", Map.of(), Limits.newBuilder().setMemoryBytes(0));
    set(all);
    set(rule("lab", Map.of("site", "lab"), Limits.newBuilder().setP95LatencyNs(9 * MS)));
    assertThat(set(LAB)).containsExactly(LAB, all);
    restart();
    assertThat(list()).containsExactly(LAB, all);
    TestAgent.enrol(caller, "joined");
    try (TestAgent joined = TestAgent.connect(caller, "joined", 7 * MS)) {
      assertThat(joined.budget().getP95LatencyNs()).isEqualTo(3 * MS);
    }
    assertThat(get("joined").getBudgetOrigins().getMemory())
        .as("an explicit absence of a limit")
        .isEqualTo(by(LimitOrigin.Source.SOURCE_RULE, "a"));
  }

  @Test
  void letsAnOperatorsLimitForOneDeviceStandAboveARuleAndLeaveTheOthers() throws Exception {
    set(LAB);
    set(rule("small", Map.of(), Limits.newBuilder().setSizeBytes(1 << 30)));
    TestAgent.enrol(caller, "single");
    Device device =
        caller
            .fleet()
            .setBudget(
                SetBudgetRequest.newBuilder()
                    .setName("single")
                    .setLimits(Limits.newBuilder().setP95LatencyNs(0))
                    .build());
    assertThat(device.getBudget()).isEqualTo(Budget.newBuilder().setSizeBytes(1 << 30).build());
    assertThat(device.getBudgetOrigins().getP95Latency())
        .isEqualTo(by(LimitOrigin.Source.SOURCE_OPERATOR, ""));
    assertThat(device.getBudgetSetByOperator()).isTrue();
  }

  @Test
  void namesWhatTheDesiredRungMisses() throws Exception {
    TestAgent.enrol(caller, "missing");
    try (TestAgent agent = TestAgent.connect(caller, "missing", 0)) {
      agent.installed(agent.desired());
      set(rule("small", Map.of(), Limits.newBuilder().setSizeBytes(1)));
      Waiting.until(() -> get("missing").getMissesCount() == 1);
      Device device = get("missing");
      assertThat(device.getDesiredRung()).isEqualTo(1);
      assertThat(device.getMisses(0).getKind()).isEqualTo(LimitKind.LIMIT_KIND_SIZE);
      assertThat(device.getMisses(0).getBy()).isEqualTo(device.getMisses(0).getReached() - 1);
    }
  }

  @Test
  void heedsRulesInARecommendationWhereTheRequestSaysNothing() {
    set(rule("accurate", Map.of("site", "lab"), Limits.newBuilder().setLeastAccuracy(0.99)));
    RecommendRequest.Builder request =
        RecommendRequest.newBuilder().setFamily("tiny").setProfile(TestAgent.profile());
    RecommendResponse ruled = caller.models().recommend(request.build());
    assertThat(ruled.getBudget().getLeastAccuracy()).isEqualTo(0.99);
    assertThat(ruled.getBudgetOrigins().getLeastAccuracy())
        .isEqualTo(by(LimitOrigin.Source.SOURCE_RULE, "accurate"));
    assertThat(ruled.getFeasible()).isFalse();
    assertThat(ruled.getMissesList())
        .singleElement()
        .satisfies(
            miss -> {
              assertThat(miss.getKind()).isEqualTo(LimitKind.LIMIT_KIND_ACCURACY);
              assertThat(miss.getLimit()).isEqualTo(0.99);
              assertThat(miss.getReached()).isEqualTo(ruled.getExpectedAccuracy());
            });
    RecommendResponse own =
        caller
            .models()
            .recommend(request.setLimits(Limits.newBuilder().setLeastAccuracy(0.5)).build());
    assertThat(own.getFeasible()).isTrue();
    RecommendResponse whole =
        caller
            .models()
            .recommend(request.clearLimits().setBudget(Budget.getDefaultInstance()).build());
    assertThat(whole.getBudget()).isEqualTo(Budget.getDefaultInstance());
  }

  @Test
  void refusesWhatIsNoRule() {
    Limits.Builder limits = Limits.newBuilder().setMemoryBytes(1);
    assertThat(invalid(() -> set(rule("a b", Map.of(), limits)))).isEqualTo("rule.name");
    assertThat(invalid(() -> set(rule("a", Map.of(), Limits.newBuilder()))))
        .isEqualTo("rule.limits");
    assertThat(invalid(() -> set(rule("a", Map.of("", "v"), limits)))).isEqualTo("rule.selector");
    assertThat(invalid(() -> set(rule("a", Map.of(), Limits.newBuilder().setP95LatencyNs(-1)))))
        .isEqualTo("rule.limits.p95_latency_ns");
    assertThat(invalid(() -> set(rule("a", Map.of(), Limits.newBuilder().setLeastAccuracy(-1)))))
        .isEqualTo("rule.limits.least_accuracy");
    assertThat(refused(() -> remove("none")).getStatus().getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
    assertThat(list()).isEmpty();
  }

  @Test
  void refusesABudgetBesideLimits() {
    SetBudgetRequest both =
        SetBudgetRequest.newBuilder()
            .setName("d")
            .setBudget(Budget.newBuilder().setMemoryBytes(1))
            .setLimits(Limits.newBuilder().setMemoryBytes(1))
            .build();
    assertThat(invalid(() -> caller.fleet().setBudget(both))).isEqualTo("limits");
  }

  private static StatusRuntimeException refused(ThrowingCallable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(thrown).isNotNull();
    return thrown;
  }

  private static String invalid(ThrowingCallable call) {
    StatusRuntimeException thrown = refused(call);
    assertThat(thrown.getStatus().getCode())
        .as(thrown.getMessage())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
    assertThat(status).isNotNull();
    try {
      return status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0).getField();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
