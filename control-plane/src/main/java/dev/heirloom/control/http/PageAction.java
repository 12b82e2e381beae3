package dev.heirloom.control.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AccessRule;
import dev.heirloom.control.access.AccessRules;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.access.RefusedException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/**
 * A button of the page that changes something. Who presses it is asked what the method of the same
 * effect asks, and written down like it.
 */
final class PageAction {
  private final Access access;
  private final PageGuard guard;
  private final AccessRule rule;

  /**
   * @param method full name of the method with the same effect
   */
  PageAction(Access access, PageGuard guard, String method) {
    this.access = access;
    this.guard = guard;
    this.rule = AccessRules.of(method).orElseThrow();
  }

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param body what was changed, as it is now, or the error
   */
  record Answer(StatusCode status, ObjectNode body) {
    static Answer error(StatusCode status, String message) {
      return new Answer(status, JsonNodeFactory.instance.objectNode().put("error", message));
    }
  }

  /**
   * Does it, where the caller may.
   *
   * @param object what it is about
   */
  CompletionStage<Answer> pressed(
      HttpRequest request, String object, Supplier<CompletionStage<ObjectNode>> effect) {
    Optional<String> elsewhere = SameSite.refusal(request, access.open());
    if (elsewhere.isPresent()) {
      return answer(Answer.error(StatusCodes.FORBIDDEN, elsewhere.get()));
    }
    Identity caller = new Identity.Nobody();
    Optional<Refusal> refusal;
    try {
      caller = access.identify(PageGuard.authorization(request), Optional.empty());
      refusal = rule.refuse(caller);
    } catch (RefusedException e) {
      refusal = Optional.of(e.refusal());
    }
    if (refusal.isPresent()) {
      Refusal told = guard.told(request, caller, rule.brief(), object, refusal.get());
      return answer(Answer.error(PageGuard.status(told), told.reason()));
    }
    return done(request, caller, object, effect.get());
  }

  private CompletionStage<Answer> done(
      HttpRequest request, Identity caller, String object, CompletionStage<ObjectNode> effect) {
    return effect.handle(
        (body, failure) -> {
          String reason = failure == null ? "" : reason(failure);
          access.record(
              caller,
              PageGuard.peer(request),
              rule.brief(),
              object,
              failure == null ? "OK" : "FAILED_PRECONDITION",
              reason);
          return failure == null
              ? new Answer(StatusCodes.OK, body)
              : Answer.error(StatusCodes.CONFLICT, reason);
        });
  }

  private static CompletionStage<Answer> answer(Answer answer) {
    return CompletableFuture.completedStage(answer);
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause.getMessage());
  }
}
