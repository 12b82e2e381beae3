package dev.heirloom.control.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.rollout.Rollout;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.AccessRules;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.access.RefusedException;
import dev.heirloom.control.fleet.RolloutDesk;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/**
 * The page's button that gives a rollout up: the one thing that the page can change. Who presses it
 * is asked what {@code AbortRollout} asks, and written down like it.
 */
final class StopButton {
  private static final String METHOD = "heirloom.v1.Fleet/AbortRollout";
  private static final String PEER = "page";

  private final RolloutDesk rollouts;
  private final Access access;

  StopButton(RolloutDesk rollouts, Access access) {
    this.rollouts = rollouts;
    this.access = access;
  }

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param body the rollout, or the error
   */
  record Answer(StatusCode status, ObjectNode body) {
    static Answer error(StatusCode status, String message) {
      return new Answer(status, JsonNodeFactory.instance.objectNode().put("error", message));
    }
  }

  CompletionStage<Answer> pressed(String rollout, HttpRequest request) {
    Optional<String> elsewhere = SameSite.refusal(request);
    if (elsewhere.isPresent()) {
      return answer(Answer.error(StatusCodes.FORBIDDEN, elsewhere.get()));
    }
    Identity caller = new Identity.Nobody();
    Optional<Refusal> refusal;
    try {
      caller = access.identify(authorization(request), Optional.empty());
      refusal = rule().refuse(caller);
    } catch (RefusedException e) {
      refusal = Optional.of(e.refusal());
    }
    if (refusal.isPresent()) {
      record(caller, rollout, status(refusal.get()).reason(), refusal.get().reason());
      return answer(Answer.error(status(refusal.get()), refusal.get().reason()));
    }
    if (rollouts.rollout(rollout).isEmpty()) {
      return answer(Answer.error(StatusCodes.NOT_FOUND, "no such rollout: " + rollout));
    }
    return stopped(caller, rollout);
  }

  private CompletionStage<Answer> stopped(Identity caller, String rollout) {
    return rollouts
        .ask(rollout, Rollout.Abort::new)
        .handle(
            (status, failure) -> {
              String reason = failure == null ? "" : reason(failure);
              record(caller, rollout, failure == null ? "OK" : "FAILED_PRECONDITION", reason);
              return failure == null
                  ? new Answer(StatusCodes.OK, RolloutJson.of(status))
                  : Answer.error(StatusCodes.CONFLICT, reason);
            });
  }

  private static Optional<String> authorization(HttpRequest request) {
    return request.getHeader("Authorization").map(HttpHeader::value);
  }

  private static AccessRule rule() {
    return AccessRules.of(METHOD).orElseThrow();
  }

  private static StatusCode status(Refusal refusal) {
    return switch (refusal.kind()) {
      case UNKNOWN, INVALID -> StatusCodes.UNAUTHORIZED;
      case ROLE, OBJECT -> StatusCodes.FORBIDDEN;
      case RATE, FAILURES -> StatusCodes.TOO_MANY_REQUESTS;
    };
  }

  private void record(Identity caller, String rollout, String outcome, String reason) {
    access.record(caller, PEER, rule().brief(), rollout, outcome, reason);
  }

  private static CompletionStage<Answer> answer(Answer answer) {
    return CompletableFuture.completedStage(answer);
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause.getMessage());
  }
}
