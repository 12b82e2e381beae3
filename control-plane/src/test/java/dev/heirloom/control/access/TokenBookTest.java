package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.access.TokenBook.Terms;
import dev.heirloom.control.fixture.MemoryRecords;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenBookTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final MemoryRecords records = new MemoryRecords();
  private final MovedClock clock = new MovedClock();
  private final TokenBook book;

  TokenBookTest() throws Exception {
    book = TokenBook.open(records, clock);
  }

  /** A clock that a test sets. */
  private static final class MovedClock extends Clock {
    private Instant at = NOW;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return at;
    }
  }

  private TokenSecret token(Role role, Optional<Duration> valid) throws Exception {
    TokenSecret secret = TokenSecret.create();
    int uses = role == Role.ENROLMENT ? 1 : 0;
    book.create(new Terms("test", role, Scope.FLEET, valid, uses), secret);
    return secret;
  }

  private void assertRefused(TokenBook by, TokenSecret secret, String why) {
    assertThatThrownBy(() -> by.shown(secret.text()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(why);
  }

  @Test
  void keepsADigestAndNotTheSecret() throws Exception {
    TokenSecret secret = token(Role.OPERATOR, Optional.empty());
    assertThat(secret.toString()).doesNotContain(secret.text());
    Token kept = records.tokens().get(0);
    assertThat(kept.sha256()).hasSize(64);
    assertThat(secret.text()).doesNotContain(kept.sha256());
    assertThat(List.of(kept.name(), kept.id(), kept.sha256()))
        .noneMatch(text -> text.contains(secret.text().substring(20)));
    assertThat(book.shown(secret.text())).isEqualTo(kept);
  }

  @Test
  void aTokenIsOfNoUseFromTheMomentWhenItRunsOut() throws Exception {
    TokenSecret secret = token(Role.VIEWER, Optional.of(Duration.ofHours(1)));
    clock.at = NOW.plus(Duration.ofHours(1)).minusMillis(1);
    assertThat(book.shown(secret.text()).role()).isEqualTo(Role.VIEWER);
    clock.at = NOW.plus(Duration.ofHours(1));
    assertRefused(book, secret, "has expired");
  }

  @Test
  void anEnrolmentTokenIsGoodForADayUnlessSaidOtherwise() throws Exception {
    TokenSecret secret = token(Role.ENROLMENT, Optional.empty());
    clock.at = NOW.plus(Duration.ofDays(1)).minusMillis(1);
    assertThat(book.shown(secret.text()).usesLeft()).isEqualTo(1);
    clock.at = NOW.plus(Duration.ofDays(1));
    assertRefused(book, secret, "has expired");
  }

  @Test
  void aRevokedTokenStaysRevokedAfterARestart() throws Exception {
    TokenSecret secret = token(Role.ADMIN, Optional.empty());
    assertThat(book.revoke(secret.id())).isPresent();
    assertRefused(book, secret, "is revoked");
    assertRefused(TokenBook.open(records, clock), secret, "is revoked");
    assertThat(book.revoke("00000000")).isEmpty();
  }

  @Test
  void anotherSecretUnderAKnownIdIsNotKnown() throws Exception {
    TokenSecret secret = token(Role.ADMIN, Optional.empty());
    String own = "heirloom_" + secret.id();
    String forged = own + TokenSecret.create().text().substring(own.length());
    TokenSecret made = TokenSecret.parse(forged).orElseThrow();
    assertThat(made.id()).isEqualTo(secret.id());
    assertRefused(book, made, "is not known here");
  }

  @Test
  void theFirstAdministratorsTokenComesBackRevokedWhereItWas() throws Exception {
    TokenSecret first = TokenSecret.create();
    book.first(first.id(), first.sha256());
    assertThat(book.shown(first.text()).role()).isEqualTo(Role.ADMIN);
    book.revoke(first.id());
    book.first(first.id(), first.sha256());
    assertRefused(book, first, "is revoked");
  }

  @Test
  void refusesTermsThatCannotBeMeant() {
    assertThatThrownBy(() -> terms("", Role.VIEWER, Scope.FLEET, 0)).hasMessageContaining("name");
    assertThatThrownBy(() -> terms("a b", Role.VIEWER, Scope.FLEET, 0))
        .hasMessageContaining("name");
    assertThatThrownBy(() -> terms("a", Role.VIEWER, Scope.FLEET, 1)).hasMessageContaining("uses");
    assertThatThrownBy(() -> terms("a", Role.ENROLMENT, Scope.FLEET, 0))
        .hasMessageContaining("uses");
    assertThatThrownBy(() -> terms("a", Role.ADMIN, new Scope(List.of("cam-*")), 0))
        .hasMessageContaining("devices");
  }

  private static Terms terms(String name, Role role, Scope scope, int uses) {
    return new Terms(name, role, scope, Optional.empty(), uses);
  }
}
