package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Scope;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names that devices enrolled under since this process began. Each gets a twin that lasts, and
 * a device may take as many as it has families, and a few for those that it had. Thread-safe.
 */
final class EnrolledNames {
  /** An agent serves at most eight families. */
  static final int MOST = 32;

  private final Map<String, Set<String>> names = new ConcurrentHashMap<>();

  /** Takes a name of a device; false where it has too many. */
  boolean take(String name) {
    Set<String> own =
        names.computeIfAbsent(Scope.owner(name), device -> ConcurrentHashMap.newKeySet());
    synchronized (own) {
      return own.contains(name) || (own.size() < MOST && own.add(name));
    }
  }
}
