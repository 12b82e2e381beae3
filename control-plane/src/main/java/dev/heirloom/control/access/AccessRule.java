package dev.heirloom.control.access;

import java.util.List;
import java.util.Optional;

/**
 * Who may call a method.
 *
 * @param method full name, {@code package.Service/Method}
 * @param least least role of a token; empty where tokens are of no use
 * @param devices whether a device may, for itself
 * @param anyone whether somebody who did not say who he is may
 * @param changes whether the call changes something, and is recorded
 * @param objects where a request names the devices that it is about: fields, with dots between a
 *     field and those within it; none: the call is about the fleet
 */
public record AccessRule(
    String method,
    Optional<Role> least,
    boolean devices,
    boolean anyone,
    boolean changes,
    List<String> objects) {

  public AccessRule {
    objects = List.copyOf(objects);
  }

  /**
   * Why the caller may not call the method at all; to be asked before anything of the request is
   * read.
   */
  public Optional<Refusal> refuse(Identity caller) {
    if (caller instanceof Identity.Local || anyone) {
      return Optional.empty();
    }
    if (caller instanceof Identity.Device) {
      return devices
          ? Optional.empty()
          : refusal(Refusal.Kind.ROLE, "devices may not call " + brief());
    }
    if (caller instanceof Identity.Bearer bearer) {
      return refuse(bearer.token());
    }
    return refusal(
        Refusal.Kind.UNKNOWN,
        brief()
            + " needs "
            + least
                .map(role -> "a token of the role " + role.label())
                .orElse("a device's certificate"));
  }

  private Optional<Refusal> refuse(Token token) {
    if (least.filter(needed -> token.role().covers(needed)).isEmpty()) {
      String needed =
          least.map(role -> "the role " + role.label()).orElse("a device's certificate");
      return refusal(
          Refusal.Kind.ROLE,
          "%s needs %s; token %s is of the role %s"
              .formatted(brief(), needed, token, token.role().label()));
    }
    return objects.isEmpty() && !token.scope().isFleet()
        ? refusal(
            Refusal.Kind.OBJECT,
            "%s is about the fleet; token %s is for %s"
                .formatted(brief(), token, String.join(", ", token.scope().patterns())))
        : Optional.empty();
  }

  /** Why the caller may not call it about one of the objects that the request names. */
  public Optional<Refusal> refuse(Identity caller, List<String> named) {
    if (caller instanceof Identity.Device device) {
      return named.stream()
          .filter(name -> !Scope.owner(name).equals(device.name()))
          .findFirst()
          .flatMap(
              name ->
                  refusal(
                      Refusal.Kind.OBJECT,
                      "device " + device.name() + " speaks for itself only, not for " + name));
    }
    if (caller instanceof Identity.Bearer bearer && !anyone) {
      Token token = bearer.token();
      if (named.isEmpty() && !token.scope().isFleet()) {
        return refusal(Refusal.Kind.OBJECT, "the request names no device of token " + token);
      }
      return named.stream()
          .filter(name -> !token.scope().covers(name))
          .findFirst()
          .flatMap(name -> refusal(Refusal.Kind.OBJECT, "token " + token + " is not for " + name));
    }
    return Optional.empty();
  }

  /** The method without its package. */
  public String brief() {
    return method.substring(method.lastIndexOf('.') + 1);
  }

  private static Optional<Refusal> refusal(Refusal.Kind kind, String reason) {
    return Optional.of(new Refusal(kind, reason));
  }
}
