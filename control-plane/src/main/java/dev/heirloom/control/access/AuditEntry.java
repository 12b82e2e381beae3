package dev.heirloom.control.access;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Who did what.
 *
 * @param number position in the log, from 1; 0 before it is there
 * @param identity who called
 * @param peer from where
 * @param method {@code Service/Method}
 * @param object what it was about; empty where that is the fleet
 * @param outcome name of a gRPC status code; OK for what was done
 * @param reason why it was refused; of what was done, what was asked for
 */
public record AuditEntry(
    long number,
    Instant at,
    String identity,
    String peer,
    String method,
    String object,
    String outcome,
    String reason) {
  /**
   * Ends of lines, commands of a terminal, marks that turn or hide the text around them, and halves
   * of characters.
   */
  private static final Pattern UNPRINTED =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]+");

  private static final int MOST = 300;
  private static final int MOST_IN_ALL = 1000;

  public AuditEntry {
    identity = cut(identity, MOST);
    peer = cut(peer, 100);
    method = cut(method, 200);
    object = cut(object, MOST_IN_ALL);
    outcome = cut(outcome, 30);
    reason = cut(reason, MOST_IN_ALL);
  }

  private static String cut(String text, int most) {
    String line = UNPRINTED.matcher(text).replaceAll(" ");
    if (line.length() <= most) {
      return line;
    }
    boolean half = Character.isHighSurrogate(line.charAt(most - 1));
    return line.substring(0, half ? most - 1 : most) + "…";
  }
}
