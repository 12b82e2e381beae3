package dev.heirloom.control.grpc;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.adaptation.Recommendation;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.budget.ResolvedBudget;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Origin;
import dev.heirloom.actors.prior.ClassPriors;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.runtime.family.Ladder;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The rung that suits a device that was only described, by the policy that also decides for twins.
 */
final class Recommendations {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A recommendation and the family version that it is of. */
  record Recommended(DirectoryCatalogue.Entry entry, RecommendResponse message) {}

  private final DirectoryCatalogue catalogue;
  private final RankPolicy policy;
  private final ActorRef<ClassPriors.Command> priors;
  private final Supplier<BudgetRules> budgets;
  private final ActorSystem<?> system;

  Recommendations(
      DirectoryCatalogue catalogue,
      RankPolicy policy,
      ActorRef<ClassPriors.Command> priors,
      Supplier<BudgetRules> budgets,
      ActorSystem<?> system) {
    this.catalogue = catalogue;
    this.policy = policy;
    this.priors = priors;
    this.budgets = budgets;
    this.system = system;
  }

  /** The current version of a family; the empty name takes that which became current last. */
  DirectoryCatalogue.Entry family(String name) {
    return catalogue
        .currentEntry(Incoming.familyName("family", name))
        .orElseThrow(
            () -> Failures.notFound("family", name.isEmpty() ? "(none is published)" : name));
  }

  CompletionStage<Recommended> of(RecommendRequest request) {
    DirectoryCatalogue.Entry entry = family(request.getFamily());
    DeviceProfile profile = Incoming.profile("profile", request.getProfile());
    ResolvedBudget resolved =
        ResolvedBudget.of(
            Incoming.limits(request.hasBudget(), request.getBudget(), request.getLimits()),
            Origin.OWN,
            budgets.get().matching(profile),
            Budget.NONE);
    return AskPattern.<ClassPriors.Command, ClassPrior>ask(
            priors,
            replyTo ->
                new ClassPriors.GetPrior(ClassKey.of(profile), entry.family().name(), replyTo),
            PATIENCE,
            system.scheduler())
        .thenApply(
            prior ->
                recommended(
                    entry,
                    resolved,
                    policy.recommend(entry.family().ladder(), profile, resolved.budget(), prior)));
  }

  private static Recommended recommended(
      DirectoryCatalogue.Entry entry, ResolvedBudget resolved, Recommendation found) {
    Ladder ladder = entry.family().ladder();
    return new Recommended(
        entry,
        RecommendResponse.newBuilder()
            .setFamily(entry.family().name())
            .setManifestSha256(entry.family().manifest().bytes())
            .setRung(found.rung())
            .setExpectedAccuracy(ladder.rung(found.rung()).accuracy())
            .setExpectedP95LatencyNs(found.expectedP95Ns())
            .setP95Latency(ForecastMessages.latency(found.latency()))
            .setAccuracy(
                ForecastMessages.accuracy(entry.manifest(), ladder.rung(found.rung()).accuracy()))
            .setFeasible(found.feasible())
            .setReason(found.reason())
            .addAllMisses(BudgetMessages.misses(found.misses()))
            .setBudget(Outgoing.budget(resolved.budget()))
            .setBudgetOrigins(BudgetMessages.origins(resolved.origins()))
            .build());
  }
}
