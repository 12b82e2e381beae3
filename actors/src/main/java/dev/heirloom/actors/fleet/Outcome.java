package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;

/**
 * What became of a desired rung on the device.
 *
 * @param decision number of the decision that this answers
 * @param family name of the family
 * @param manifest version of the family
 * @param rung rung that was to be installed
 * @param installed whether it is served now
 * @param failedCheck name of the check that failed; empty when installed; cut to 64 characters
 * @param message one line for the operator; may be empty; cut to 512 characters
 * @param wireBytes messages that carried blobs, framing included
 * @param missingBytes blobs that the device lacked
 * @param fetchMs time spent fetching
 * @param swapMs time spent checking and swapping
 */
public record Outcome(
    long decision,
    String family,
    Digest manifest,
    int rung,
    boolean installed,
    String failedCheck,
    String message,
    long wireBytes,
    long missingBytes,
    long fetchMs,
    long swapMs) {

  public Outcome {
    Require.notNegative("decision", decision);
    Require.length("family", family, 128);
    Require.notNegative("rung", rung);
    Require.notNegative("wireBytes", wireBytes);
    Require.notNegative("missingBytes", missingBytes);
    Require.notNegative("fetchMs", fetchMs);
    Require.notNegative("swapMs", swapMs);
    failedCheck = cut(failedCheck, 64);
    message = cut(message, 512);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most);
  }
}
