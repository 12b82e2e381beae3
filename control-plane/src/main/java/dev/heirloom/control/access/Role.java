package dev.heirloom.control.access;

import java.util.Locale;

/** What a token permits. Each of the first three permits what the one before it does. */
public enum Role {
  /** Reads. */
  VIEWER,
  /** Changes devices, families, jobs and rollouts. */
  OPERATOR,
  /** Changes tokens and certificates, and reads the audit log. */
  ADMIN,
  /** Exchanges the token for a device's certificate, and nothing else. */
  ENROLMENT,
  /** Works on jobs, and nothing else. */
  TRAINER;

  /** Whether whoever has this role may do what {@code needed} may. */
  public boolean covers(Role needed) {
    return this == needed || (compareTo(ENROLMENT) < 0 && compareTo(needed) >= 0);
  }

  /** As people write it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
