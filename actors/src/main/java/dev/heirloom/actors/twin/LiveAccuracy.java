package dev.heirloom.actors.twin;

import dev.heirloom.actors.accuracy.FieldEvidence;
import dev.heirloom.actors.fleet.FieldAccuracy;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Ladder;
import java.util.Optional;

/** What a twin knows of its device's accuracy only while both live. */
final class LiveAccuracy {

  /** Windows of a rung before a trial beside it is thought of. */
  static final int FIRST_TRIAL = 20;

  /** Windows without a rung for accuracy after one that was left again; doubles with each. */
  static final int FIRST_WAIT = 50;

  private static final int LONGEST_WAIT = 1600;

  private String version = "";
  private FieldEvidence evidence = FieldEvidence.NONE;
  private boolean shiftSeen;
  private int helpless;
  private double untilTrial = FIRST_TRIAL;
  private int raisedTo;
  private int wait;
  private int waitLeft;

  /** Learns from a window of what the device shall serve, whichever rung it is of. */
  void learn(Assignment desired, Ladder ladder, WindowReport window) {
    if (!version.equals(desired.manifest())) {
      restart();
      version = desired.manifest();
    }
    if (evidence.rung() != desired.rung()) {
      shiftSeen = false;
      helpless = 0;
      untilTrial = Math.max(untilTrial, FIRST_TRIAL);
    }
    countWait(desired.rung());
    evidence = evidence.on(desired.rung(), ladder).with(window, ladder);
    shiftSeen |= evidence.shifted();
    untilTrial--;
  }

  /** Latency, or an installation that failed, took a rung back that accuracy had asked for. */
  private void countWait(int rung) {
    waitLeft = Math.max(0, waitLeft - 1);
    if (rung < raisedTo) {
      wait = wait == 0 ? FIRST_WAIT : Math.min(2 * wait, LONGEST_WAIT);
      waitLeft = wait;
      raisedTo = 0;
    }
  }

  /** Learns from a trial of what the device serves. */
  void learn(Trial trial) {
    if (trial.manifest().hex().equals(version)) {
      evidence = evidence.with(trial);
    }
  }

  /** Forgets everything: what comes from now on is what the device is held against. */
  void restart() {
    evidence = FieldEvidence.NONE;
    shiftSeen = false;
    helpless = 0;
    raisedTo = 0;
    wait = 0;
    waitLeft = 0;
  }

  /** A rung was chosen for accuracy. */
  void raised(int rung) {
    raisedTo = rung;
  }

  /** Whether a rung may be chosen for accuracy: none was left again lately. */
  boolean mayRaise() {
    return waitLeft == 0;
  }

  FieldEvidence evidence() {
    return evidence;
  }

  /** Whether what the device sees has drifted, as was seen, and has come back. */
  boolean cameBack() {
    return shiftSeen && !evidence.shifted();
  }

  /** Counts windows in a row after which something should have been done and nothing could be. */
  int helpless(boolean now) {
    helpless = now ? helpless + 1 : 0;
    return helpless;
  }

  boolean trialDue() {
    return untilTrial <= 0;
  }

  void nextTrialIn(double windows) {
    untilTrial = windows;
  }

  Optional<FieldAccuracy> told() {
    if (evidence.ownLabels() == 0) {
      return Optional.empty();
    }
    var accuracy = evidence.accuracy();
    return Optional.of(
        new FieldAccuracy(
            evidence.rung(),
            accuracy.estimate(),
            accuracy.lower(),
            accuracy.upper(),
            evidence.ownLabels()));
  }
}
