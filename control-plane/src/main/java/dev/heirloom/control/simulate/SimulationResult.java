package dev.heirloom.control.simulate;

import dev.heirloom.actors.simulation.Scenario;
import dev.heirloom.actors.simulation.Tournament;
import java.util.List;

/**
 * What a simulation came to.
 *
 * @param scenario what was simulated
 * @param ladder where its ladder comes from
 * @param seeds of the fleets
 * @param results one for each strategy
 */
record SimulationResult(
    Scenario scenario, String ladder, List<Long> seeds, List<Tournament.Result> results) {
  SimulationResult {
    seeds = List.copyOf(seeds);
    results = List.copyOf(results);
  }
}
