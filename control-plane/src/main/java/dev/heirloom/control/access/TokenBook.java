package dev.heirloom.control.access;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Every token, in memory and in the journal. Thread-safe; what changes it blocks. */
public final class TokenBook {
  private static final int MOST_LIVE = 10_000;

  /** Longer than anybody plans; the end of what is valid longer is no date. */
  private static final Duration MOST_VALID = Duration.ofDays(36_500);

  private static final int MOST_USES = 100_000;
  private static final Duration ENROLMENT_VALID = Duration.ofDays(1);

  private final AccessRecords records;
  private final Clock clock;
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();

  private TokenBook(AccessRecords records, Clock clock) {
    this.records = records;
    this.clock = clock;
  }

  /** Reads what is kept. */
  public static TokenBook open(AccessRecords records, Clock clock) throws IOException {
    TokenBook book = new TokenBook(records, clock);
    records.tokens().forEach(token -> book.tokens.put(token.id(), token));
    return book;
  }

  /**
   * What is asked of a new token.
   *
   * @param valid empty: for ever; an enrolment token a day
   * @param uses of an enrolment token: how many devices it enrols
   */
  public record Terms(String name, Role role, Scope scope, Optional<Duration> valid, int uses) {
    public Terms {
      if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
        throw new IllegalArgumentException(
            "name: '" + name + "' (expected: 1..64 letters, digits, '.', '_' and '-')");
      }
      if (role == Role.ENROLMENT ? uses < 1 || uses > MOST_USES : uses != 0) {
        throw new IllegalArgumentException(
            "uses: %d (expected: 1..%d for an enrolment token, none for others)"
                .formatted(uses, MOST_USES));
      }
      if (valid.filter(time -> !isValidity(time)).isPresent()) {
        throw new IllegalArgumentException(
            "valid: %s (expected: above 0, at most %d days)"
                .formatted(valid.get(), MOST_VALID.toDays()));
      }
      if (role == Role.ADMIN && !scope.isFleet()) {
        throw new IllegalArgumentException("devices: an administrator's token is for the fleet");
      }
    }
  }

  private static boolean isValidity(Duration time) {
    return !time.isNegative() && !time.isZero() && time.compareTo(MOST_VALID) <= 0;
  }

  /**
   * A new token.
   *
   * @param secret of which a digest is kept
   */
  public synchronized Token create(Terms terms, TokenSecret secret)
      throws IOException, RefusedException {
    Instant now = clock.instant();
    if (tokens.containsKey(secret.id())) {
      throw new RefusedException(
          new Refusal(
              Refusal.Kind.RATE, "token " + secret.id() + " is taken by chance; try once more"));
    }
    if (tokens.values().stream().filter(token -> token.useless(now).isEmpty()).count()
        >= MOST_LIVE) {
      throw new RefusedException(
          new Refusal(
              Refusal.Kind.RATE, "there are " + MOST_LIVE + " tokens already; revoke some"));
    }
    Optional<Duration> valid =
        terms.valid().isEmpty() && terms.role() == Role.ENROLMENT
            ? Optional.of(ENROLMENT_VALID)
            : terms.valid();
    return kept(
        new Token(
            secret.id(),
            terms.name(),
            terms.role(),
            terms.scope(),
            secret.sha256(),
            now,
            valid.map(now::plus),
            terms.uses(),
            Optional.empty()));
  }

  /**
   * A new token that ends with this process: no record holds it.
   *
   * @param secret of which a digest is kept
   */
  public synchronized Token ofThisProcess(String name, Role role, TokenSecret secret) {
    Token token =
        new Token(
            secret.id(),
            name,
            role,
            Scope.FLEET,
            secret.sha256(),
            clock.instant(),
            Optional.empty(),
            0,
            Optional.empty());
    tokens.put(token.id(), token);
    return token;
  }

  /** Puts the first administrator's token in, unless it is there, revoked perhaps. */
  public synchronized void first(String id, String sha256) throws IOException {
    if (!tokens.containsKey(id)) {
      kept(
          new Token(
              id,
              "first-admin",
              Role.ADMIN,
              Scope.FLEET,
              sha256,
              clock.instant(),
              Optional.empty(),
              0,
              Optional.empty()));
    }
  }

  private Token kept(Token token) throws IOException {
    records.save(token);
    tokens.put(token.id(), token);
    return token;
  }

  /** Every token, newest first. */
  public List<Token> all() {
    Collection<Token> known = tokens.values();
    List<Token> all = new ArrayList<>(known);
    all.sort(Comparator.comparing(Token::created).reversed().thenComparing(Token::id));
    return all;
  }

  /** Revokes a token; empty where there is none of that id. */
  public synchronized Optional<Token> revoke(String id) throws IOException {
    Token token = tokens.get(id);
    if (token == null || token.revoked().isPresent()) {
      return Optional.ofNullable(token);
    }
    return Optional.of(kept(token.revokedAt(clock.instant())));
  }

  /**
   * The token that a caller shows.
   *
   * @throws RefusedException where it is unknown or of no use
   */
  public Token shown(String text) throws RefusedException {
    Optional<TokenSecret> secret = TokenSecret.parse(text);
    if (secret.isEmpty()) {
      throw new RefusedException(Refusal.invalid("what was sent is not a token"));
    }
    Token token = tokens.get(secret.get().id());
    if (token == null || !secret.get().opens(token)) {
      throw new RefusedException(
          Refusal.invalid("token " + secret.get().id() + " is not known here"));
    }
    Optional<String> useless = token.useless(clock.instant());
    if (useless.isPresent()) {
      throw new RefusedException(Refusal.invalid(useless.get()));
    }
    return token;
  }

  /** Whether a token that was shown would be once more. */
  boolean isOfUse(Token shown) {
    Token token = tokens.get(shown.id());
    return token != null
        && token.sha256().equals(shown.sha256())
        && token.useless(clock.instant()).isEmpty();
  }

  /** Keeps a token, and what it was used for, in one step. */
  interface Use {
    void keep(Token used) throws IOException;
  }

  /**
   * Uses a token once; what revokes it meanwhile waits.
   *
   * @param use is given the token as it is afterwards, and keeps it
   * @throws RefusedException where it is of no use by now
   */
  synchronized void use(String id, Use use) throws IOException, RefusedException {
    Token token = tokens.get(id);
    if (token == null) {
      throw new RefusedException(Refusal.invalid("token " + id + " is not known here"));
    }
    Optional<String> useless = token.useless(clock.instant());
    if (useless.isPresent()) {
      throw new RefusedException(Refusal.invalid(useless.get()));
    }
    if (token.usesLeft() < 1) {
      throw new RefusedException(Refusal.invalid("token " + id + " is used up"));
    }
    Token used = token.used();
    use.keep(used);
    tokens.put(id, used);
  }
}
