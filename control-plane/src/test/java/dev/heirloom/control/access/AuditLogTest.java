package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.fixture.MemoryRecords;
import dev.heirloom.control.fixture.Waiting;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AuditLogTest {
  private final MemoryRecords records = new MemoryRecords();

  private interface Appending {
    void append(List<AuditEntry> entries) throws IOException;
  }

  /** The records, which add to the audit log in this way. */
  private AccessRecords adding(Appending way) {
    return (AccessRecords)
        Proxy.newProxyInstance(
            AccessRecords.class.getClassLoader(),
            new Class<?>[] {AccessRecords.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("append")) {
                @SuppressWarnings("unchecked")
                List<AuditEntry> entries = (List<AuditEntry>) arguments[0];
                way.append(entries);
                return null;
              }
              return method.invoke(records, arguments);
            });
  }

  private static AuditEntry entry(String object, String outcome) {
    return new AuditEntry(0, Instant.EPOCH, "nobody", "::1", "A/B", object, outcome, "");
  }

  private List<String> objects() {
    return records.audit(Long.MAX_VALUE, Integer.MAX_VALUE).stream()
        .map(AuditEntry::object)
        .toList();
  }

  @Test
  void aDiskThatIsFullForAWhileLosesNothing() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    Appending full =
        entries -> {
          int tried = tries.incrementAndGet();
          if (tried == 1) {
            throw new IOException("no space");
          }
          if (tried == 2) {
            throw new IllegalStateException("a bug");
          }
          records.append(entries);
        };
    try (AuditLog log = new AuditLog(adding(full), Duration.ofMillis(1))) {
      log.add(entry("one", "OK"));
      Waiting.until(() -> objects().equals(List.of("one")));
      log.add(entry("two", "OK"));
      Waiting.until(() -> objects().equals(List.of("two", "one")));
    }
  }

  @Test
  void anEntryThatCannotBeWrittenTakesNoOtherWithIt() throws Exception {
    CountDownLatch all = new CountDownLatch(1);
    Appending picky =
        entries -> {
          try {
            all.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          if (entries.stream().anyMatch(entry -> entry.object().equals("bad"))) {
            throw new IOException("value too long");
          }
          records.append(entries);
        };
    try (AuditLog log = new AuditLog(adding(picky), Duration.ofMillis(1))) {
      List.of("one", "bad", "two", "three").forEach(object -> log.add(entry(object, "OK")));
      all.countDown();
      Waiting.until(() -> objects().equals(List.of("three", "two", "one")));
    }
  }

  @Test
  void whatWasRefusedIsForgottenInTheEndAndWhatWasDoneIsNot() throws Exception {
    int refused = 110_500;
    records.append(List.of(entry("done", "OK")));
    for (int i = 0; i < refused; i++) {
      records.append(List.of(entry("refused", "UNAUTHENTICATED")));
    }
    try (AuditLog log = new AuditLog(records)) {
      log.add(entry("last", "UNAUTHENTICATED"));
      Waiting.until(() -> objects().size() == 100_001);
      assertThat(objects()).startsWith("last").endsWith("done");
    }
  }
}
