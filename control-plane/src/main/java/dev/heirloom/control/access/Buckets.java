package dev.heirloom.control.access;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A bucket of permits for each key, which fills at a rate. Of too many keys the one that was asked
 * for longest ago gives way. Thread-safe.
 */
public final class Buckets {
  private static final double NS = 1e-9;

  private final double perSecond;
  private final double most;
  private final LongSupplier nanoTime;
  private final Map<String, Bucket> buckets;

  /**
   * @param perSecond permits that a key gets a second
   * @param most permits that a key can have
   * @param keys keys that are known at once
   */
  public Buckets(double perSecond, double most, int keys, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.most = most;
    this.nanoTime = nanoTime;
    this.buckets =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > keys;
          }
        };
  }

  /** Takes a permit; false where the key has none. */
  public synchronized boolean take(String key) {
    return taken(key) >= 1;
  }

  /** Takes a permit, and says whether this is the first one in vain since the last that was not. */
  public synchronized Answer ask(String key) {
    double left = taken(key);
    if (left >= 1) {
      return Answer.TAKEN;
    }
    Bucket bucket = buckets.get(key);
    if (bucket == null || bucket.told) {
      return Answer.EMPTY;
    }
    bucket.told = true;
    return Answer.JUST_EMPTY;
  }

  /** What came of asking. */
  public enum Answer {
    TAKEN,
    JUST_EMPTY,
    EMPTY
  }

  private double taken(String key) {
    long now = nanoTime.getAsLong();
    Bucket bucket = buckets.computeIfAbsent(key, absent -> new Bucket(most, now));
    bucket.permits = Math.min(most, bucket.permits + (now - bucket.lookedNs) * NS * perSecond);
    bucket.lookedNs = now;
    double before = bucket.permits;
    if (before >= 1) {
      bucket.permits = before - 1;
      bucket.told = false;
    }
    return before;
  }

  private static final class Bucket {
    private double permits;
    private long lookedNs;
    private boolean told;

    Bucket(double permits, long lookedNs) {
      this.permits = permits;
      this.lookedNs = lookedNs;
    }
  }
}
