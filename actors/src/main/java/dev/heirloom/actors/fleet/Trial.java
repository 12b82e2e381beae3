package dev.heirloom.actors.fleet;

import dev.heirloom.runtime.family.Digest;

/**
 * What a rung did beside the one in service, on a share of the same requests.
 *
 * @param number which the trial was ordered with
 * @param manifest version of the family
 * @param rung the candidate's, from 1
 * @param servingRung rung in service; 0 where there was none
 * @param failure one line, where the trial could not be made or broke off, cut to 512 characters;
 *     else empty
 * @param serving time in the session of the requests that both answered
 * @param candidate the same of the candidate
 * @param answers those that name a class
 * @param agreeing answers that name the same class
 * @param labelled answers whose label came
 * @param servingCorrect labelled answers that the rung in service had right
 * @param candidateCorrect labelled answers that the candidate had right
 */
public record Trial(
    long number,
    Digest manifest,
    int rung,
    int servingRung,
    String failure,
    LatencySummary serving,
    LatencySummary candidate,
    long answers,
    long agreeing,
    long labelled,
    long servingCorrect,
    long candidateCorrect) {

  private static final int MOST_TEXT = 512;

  public Trial {
    Require.within("rung", rung, 1, Integer.MAX_VALUE);
    Require.notNegative("servingRung", servingRung);
    Require.within("agreeing", agreeing, 0, answers);
    Require.within("servingCorrect", servingCorrect, 0, labelled);
    Require.within("candidateCorrect", candidateCorrect, 0, labelled);
    failure = failure.length() <= MOST_TEXT ? failure : failure.substring(0, MOST_TEXT);
  }
}
