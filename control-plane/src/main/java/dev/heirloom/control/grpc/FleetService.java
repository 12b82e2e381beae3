package dev.heirloom.control.grpc;

import dev.heirloom.actors.budget.BudgetBook;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.twin.TrialTerms;
import dev.heirloom.actors.view.DeviceOrder;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.actors.view.Page;
import dev.heirloom.control.fleet.BudgetDesk;
import dev.heirloom.control.fleet.FleetChanges;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.proto.v1.AbortRolloutRequest;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.ChangeDevicesResponse;
import dev.heirloom.proto.v1.CreateRolloutRequest;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.GetRolloutRequest;
import dev.heirloom.proto.v1.LiftFlagRequest;
import dev.heirloom.proto.v1.LiftQuarantineRequest;
import dev.heirloom.proto.v1.ListBudgetRulesRequest;
import dev.heirloom.proto.v1.ListBudgetRulesResponse;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListDevicesResponse;
import dev.heirloom.proto.v1.ListRolloutsRequest;
import dev.heirloom.proto.v1.ListRolloutsResponse;
import dev.heirloom.proto.v1.PauseRolloutRequest;
import dev.heirloom.proto.v1.PinRungRequest;
import dev.heirloom.proto.v1.RemoveBudgetRuleRequest;
import dev.heirloom.proto.v1.ResumeRolloutRequest;
import dev.heirloom.proto.v1.RetryRolloutRequest;
import dev.heirloom.proto.v1.Rollout;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.proto.v1.SetBudgetRuleRequest;
import dev.heirloom.proto.v1.TryRungRequest;
import dev.heirloom.proto.v1.WatchRequest;
import dev.heirloom.proto.v1.WatchRolloutsRequest;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.Materializer;

/** The calls of operators and dashboards. */
final class FleetService extends FleetGrpc.FleetImplBase {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_PAGE = 1000;
  private static final long MAX_PAGE_BYTES = 2 << 20;

  private final Twins twins;
  private final BudgetDesk budgets;
  private final RolloutCalls rollouts;
  private final ActorRef<FleetView.Command> view;
  private final FleetChanges changes;
  private final DeviceChanges deviceChanges;
  private final ActorSystem<?> system;
  private final Materializer materializer;

  FleetService(
      Twins twins,
      BudgetDesk budgets,
      RolloutCalls rollouts,
      ActorRef<FleetView.Command> view,
      ActorSystem<?> system,
      Materializer materializer) {
    this.twins = twins;
    this.budgets = budgets;
    this.rollouts = rollouts;
    this.view = view;
    this.changes = new FleetChanges(view);
    this.deviceChanges = new DeviceChanges(twins, view, system);
    this.system = system;
    this.materializer = materializer;
  }

  @Override
  public void listDevices(ListDevicesRequest request, StreamObserver<ListDevicesResponse> call) {
    Answers.later(call, () -> list(request));
  }

  private CompletionStage<ListDevicesResponse> list(ListDevicesRequest request) {
    Map<String, String> selector = Incoming.selector(request.getSelectorMap());
    DeviceOrder order = order(request.getOrderBy());
    Optional<DeviceOrder.Place> after = after(order, request.getPageToken());
    int size = pageSize(request.getPageSize());
    return AskPattern.<FleetView.Command, Page>ask(
            view,
            replyTo -> new FleetView.ListDevices(selector, order, after, size, replyTo),
            PATIENCE,
            system.scheduler())
        .thenApply(page -> answer(order, page));
  }

  private static DeviceOrder order(String text) {
    return DeviceOrder.parse(text)
        .orElseThrow(
            () ->
                Failures.invalid(
                    "order_by",
                    "expected one of " + DeviceOrder.KEYS + ", each also with '-' before it"));
  }

  private static Optional<DeviceOrder.Place> after(DeviceOrder order, String token) {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    if (order.key() == DeviceOrder.Key.NAME) {
      Incoming.deviceName("page_token", token);
    }
    return Optional.of(
        order
            .place(token)
            .orElseThrow(
                () -> Failures.invalid("page_token", "expected one that came with this order")));
  }

  /** A page ends early where it would become a message that callers do not take. */
  private static ListDevicesResponse answer(DeviceOrder order, Page page) {
    ListDevicesResponse.Builder answer = ListDevicesResponse.newBuilder().setTotal(page.total());
    long bytes = 0;
    for (DeviceStatus status : page.devices()) {
      Device device = Outgoing.device(status);
      bytes += device.getSerializedSize();
      if (bytes > MAX_PAGE_BYTES && answer.getDevicesCount() > 0) {
        DeviceStatus last = page.devices().get(answer.getDevicesCount() - 1);
        return answer.setNextPageToken(order.token(last)).build();
      }
      answer.addDevices(device);
    }
    return answer.setNextPageToken(page.next()).build();
  }

  private static int pageSize(int asked) {
    if (asked < 0 || asked > MAX_PAGE) {
      throw Failures.invalid(
          "page_size", Integer.toUnsignedString(asked) + " (expected: 0.." + MAX_PAGE + ")");
    }
    return asked == 0 ? DEFAULT_PAGE : asked;
  }

  @Override
  public void getDevice(GetDeviceRequest request, StreamObserver<Device> call) {
    Answers.later(call, () -> ask(request.getName(), DeviceTwin.GetStatus::new));
  }

  @Override
  public void setBudget(SetBudgetRequest request, StreamObserver<Device> call) {
    Answers.later(
        call,
        () -> {
          Optional<Limits> set =
              Incoming.limits(request.hasBudget(), request.getBudget(), request.getLimits())
                  .filter(limits -> !limits.equals(Limits.of(Budget.NONE)) || request.hasLimits());
          return ask(request.getName(), replyTo -> new DeviceTwin.SetBudget(set, replyTo));
        });
  }

  @Override
  public void setBudgetRule(
      SetBudgetRuleRequest request, StreamObserver<ListBudgetRulesResponse> call) {
    Answers.later(
        call,
        () -> {
          BudgetRule rule = Incoming.budgetRule("rule", request.getRule());
          return budgets
              .refresh()
              .thenCompose(
                  rules -> {
                    requireRoom(rules, rule);
                    return rules(replyTo -> new BudgetBook.SetRule(rule, replyTo));
                  });
        });
  }

  private static void requireRoom(BudgetRules rules, BudgetRule rule) {
    int most = BudgetRules.MOST_RULES;
    if (rules.find(rule.name()).isEmpty() && rules.rules().size() >= most) {
      throw Failures.exhausted("budget rules", most + " already (expected: at most " + most + ")");
    }
  }

  @Override
  public void listBudgetRules(
      ListBudgetRulesRequest request, StreamObserver<ListBudgetRulesResponse> call) {
    Answers.later(call, () -> rules(BudgetBook.GetRules::new));
  }

  @Override
  public void removeBudgetRule(
      RemoveBudgetRuleRequest request, StreamObserver<ListBudgetRulesResponse> call) {
    Answers.later(
        call,
        () -> {
          String name = Incoming.name("name", request.getName());
          return budgets
              .refresh()
              .thenCompose(
                  rules -> {
                    if (rules.find(name).isEmpty()) {
                      throw Failures.notFound("budget rule", name);
                    }
                    return rules(replyTo -> new BudgetBook.RemoveRule(name, replyTo));
                  });
        });
  }

  private CompletionStage<ListBudgetRulesResponse> rules(
      Function<ActorRef<StatusReply<BudgetRules>>, BudgetBook.Command> command) {
    return budgets.ask(command).thenApply(BudgetMessages::rules);
  }

  @Override
  public void pinRung(PinRungRequest request, StreamObserver<Device> call) {
    Answers.later(
        call,
        () -> {
          int rung = Incoming.rung("rung", request.getRung());
          return ask(request.getName(), replyTo -> new DeviceTwin.PinRung(rung, replyTo));
        });
  }

  @Override
  public void liftQuarantine(LiftQuarantineRequest request, StreamObserver<Device> call) {
    Answers.later(call, () -> ask(request.getName(), DeviceTwin.LiftQuarantine::new));
  }

  @Override
  public void liftFlag(LiftFlagRequest request, StreamObserver<Device> call) {
    Answers.later(call, () -> ask(request.getName(), DeviceTwin.LiftFlag::new));
  }

  @Override
  public void tryRung(TryRungRequest request, StreamObserver<Device> call) {
    Answers.later(
        call,
        () -> {
          int rung = Incoming.rung("rung", request.getRung());
          TrialTerms terms = Incoming.trialTerms(request);
          return ask(request.getName(), replyTo -> new DeviceTwin.TryRung(rung, terms, replyTo));
        });
  }

  private CompletionStage<Device> ask(
      String name, Function<ActorRef<StatusReply<DeviceStatus>>, DeviceTwin.Command> command) {
    return twins.ask(Incoming.deviceName("name", name), command).thenApply(Outgoing::device);
  }

  @Override
  public void changeDevices(
      ChangeDevicesRequest request, StreamObserver<ChangeDevicesResponse> call) {
    Answers.stream(call, materializer, () -> deviceChanges.of(request));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<Device> call) {
    Answers.stream(
        call,
        materializer,
        () -> changes.source(Incoming.selector(request.getSelectorMap())).map(Outgoing::device));
  }

  @Override
  public void createRollout(CreateRolloutRequest request, StreamObserver<Rollout> call) {
    Answers.later(call, () -> rollouts.create(request.getSpec()));
  }

  @Override
  public void getRollout(GetRolloutRequest request, StreamObserver<Rollout> call) {
    Answers.later(
        call,
        () -> rollouts.ask(request.getName(), dev.heirloom.actors.rollout.Rollout.GetStatus::new));
  }

  @Override
  public void listRollouts(ListRolloutsRequest request, StreamObserver<ListRolloutsResponse> call) {
    Answers.now(call, rollouts::list);
  }

  @Override
  public void watchRollouts(WatchRolloutsRequest request, StreamObserver<Rollout> call) {
    Answers.stream(call, materializer, () -> rollouts.watch(request.getName()));
  }

  @Override
  public void pauseRollout(PauseRolloutRequest request, StreamObserver<Rollout> call) {
    Answers.later(
        call,
        () -> rollouts.ask(request.getName(), dev.heirloom.actors.rollout.Rollout.Pause::new));
  }

  @Override
  public void resumeRollout(ResumeRolloutRequest request, StreamObserver<Rollout> call) {
    Answers.later(
        call,
        () -> rollouts.ask(request.getName(), dev.heirloom.actors.rollout.Rollout.Resume::new));
  }

  @Override
  public void abortRollout(AbortRolloutRequest request, StreamObserver<Rollout> call) {
    Answers.later(
        call,
        () -> rollouts.ask(request.getName(), dev.heirloom.actors.rollout.Rollout.Abort::new));
  }

  @Override
  public void retryRollout(RetryRolloutRequest request, StreamObserver<Rollout> call) {
    Answers.later(
        call,
        () -> rollouts.ask(request.getName(), dev.heirloom.actors.rollout.Rollout.Retry::new));
  }
}
