package dev.heirloom.control.cli;

import dev.heirloom.runtime.family.Family;

/** Checks rungs that are asked for. */
final class Rungs {
  private Rungs() {}

  static void require(Family family, int rung) throws CommandException {
    int most = family.ladder().size();
    if (rung < 1 || rung > most) {
      throw new CommandException(
          "--rung: "
              + rung
              + " (expected: 1.."
              + most
              + ", the rungs of "
              + family.manifest().getName()
              + ")");
    }
  }
}
