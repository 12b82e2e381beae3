package dev.heirloom.control.access;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The rule of every method, one line each. A method without a line is called by nobody. */
public final class AccessRules {
  private static final String OURS = "heirloom.v1.";

  private static final List<AccessRule> ALL =
      List.of(
          anyone("grpc.health.v1.Health/Check"),
          anyone("grpc.health.v1.Health/Watch"),
          reads(Role.VIEWER, "grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),

          // Enrol: whoever has an enrolment token, which the exchange looks at; or a device again.
          anyone(OURS + "Agents/Enrol", "name"),
          device(OURS + "Agents/Renew"),
          device(OURS + "Agents/Connect", "hello.device"),
          device(OURS + "Agents/Fetch", "device"),
          reads(Role.VIEWER, OURS + "Models/ListFamilies"),
          reads(Role.VIEWER, OURS + "Models/GetManifest"),
          reads(Role.VIEWER, OURS + "Models/Recommend"),
          reads(Role.VIEWER, OURS + "Models/Tailor"),
          reads(Role.VIEWER, OURS + "Models/Fetch"),
          reads(Role.VIEWER, OURS + "Fleet/ListDevices"),
          reads(Role.VIEWER, OURS + "Fleet/GetDevice", "name"),
          reads(Role.VIEWER, OURS + "Fleet/ListBudgetRules"),
          reads(Role.VIEWER, OURS + "Fleet/Watch"),
          changes(Role.OPERATOR, OURS + "Fleet/SetBudget", "name"),
          changes(Role.OPERATOR, OURS + "Fleet/SetBudgetRule"),
          changes(Role.OPERATOR, OURS + "Fleet/RemoveBudgetRule"),
          changes(Role.OPERATOR, OURS + "Fleet/PinRung", "name"),
          changes(Role.OPERATOR, OURS + "Fleet/LiftQuarantine", "name"),
          changes(Role.OPERATOR, OURS + "Fleet/LiftFlag", "name"),
          changes(Role.OPERATOR, OURS + "Fleet/TryRung", "name"),
          // Every name is asked for; a call that has a selector is about the fleet.
          changes(Role.OPERATOR, OURS + "Fleet/ChangeDevices", "names"),
          // They are about the fleet: a rollout reaches whatever device has its labels.
          changes(Role.OPERATOR, OURS + "Fleet/CreateRollout"),
          reads(Role.VIEWER, OURS + "Fleet/GetRollout"),
          reads(Role.VIEWER, OURS + "Fleet/ListRollouts"),
          reads(Role.VIEWER, OURS + "Fleet/WatchRollouts"),
          changes(Role.OPERATOR, OURS + "Fleet/PauseRollout"),
          changes(Role.OPERATOR, OURS + "Fleet/ResumeRollout"),
          changes(Role.OPERATOR, OURS + "Fleet/AbortRollout"),
          changes(Role.OPERATOR, OURS + "Fleet/RetryRollout"),
          reads(Role.OPERATOR, OURS + "Teachers/Offer"),
          changes(Role.OPERATOR, OURS + "Teachers/Publish"),
          changes(Role.OPERATOR, OURS + "Teachers/Upload"),
          reads(Role.OPERATOR, OURS + "Teachers/GetUpload"),
          reads(Role.VIEWER, OURS + "Teachers/ListFiles"),
          changes(Role.OPERATOR, OURS + "Teachers/RemoveFile"),
          changes(Role.OPERATOR, OURS + "Teachers/Inherit"),
          reads(Role.VIEWER, OURS + "Teachers/ListJobs"),
          reads(Role.VIEWER, OURS + "Teachers/GetJob"),
          reads(Role.VIEWER, OURS + "Teachers/WatchJob"),
          changes(Role.OPERATOR, OURS + "Teachers/CancelJob"),
          changes(Role.OPERATOR, OURS + "Teachers/RetryJob"),
          changes(Role.OPERATOR, OURS + "Teachers/PrioritiseJob"),

          // With a token of their own; what is worked on is in the job's own log.
          reads(Role.TRAINER, OURS + "Trainers/Work", "trainer"),
          reads(Role.TRAINER, OURS + "Trainers/Report", "lease.trainer"),
          reads(Role.TRAINER, OURS + "Trainers/End", "lease.trainer"),
          reads(Role.TRAINER, OURS + "Trainers/Fetch", "lease.trainer"),
          reads(Role.TRAINER, OURS + "Trainers/Offer", "lease.trainer"),
          changes(Role.TRAINER, OURS + "Trainers/Publish", "lease.trainer"),

          // It holds the keys.
          changes(Role.ADMIN, OURS + "Operations/Backup"),
          changes(Role.ADMIN, OURS + "Access/CreateToken"),
          reads(Role.ADMIN, OURS + "Access/ListTokens"),
          changes(Role.ADMIN, OURS + "Access/RevokeToken"),
          reads(Role.ADMIN, OURS + "Access/ListCertificates"),
          changes(Role.ADMIN, OURS + "Access/RevokeCertificate"),
          reads(Role.ADMIN, OURS + "Access/ListAudit"));

  private static final Map<String, AccessRule> BY_METHOD =
      ALL.stream().collect(Collectors.toMap(AccessRule::method, Function.identity()));

  private AccessRules() {}

  /** Every rule. */
  public static List<AccessRule> all() {
    return ALL;
  }

  /** The rule of a method, by its full name. */
  public static Optional<AccessRule> of(String method) {
    return Optional.ofNullable(BY_METHOD.get(method));
  }

  private static AccessRule anyone(String method, String... objects) {
    return new AccessRule(method, Optional.empty(), true, true, false, List.of(objects));
  }

  private static AccessRule device(String method, String... objects) {
    return new AccessRule(method, Optional.empty(), true, false, false, List.of(objects));
  }

  private static AccessRule reads(Role least, String method, String... objects) {
    return new AccessRule(method, Optional.of(least), false, false, false, List.of(objects));
  }

  private static AccessRule changes(Role least, String method, String... objects) {
    return new AccessRule(method, Optional.of(least), false, false, true, List.of(objects));
  }
}
