package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.Installation.Result;
import dev.heirloom.edge.fixture.GoldenOutputs;
import dev.heirloom.edge.fixture.MemoryFetcher;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.serving.InService;
import dev.heirloom.edge.serving.Tenure;
import dev.heirloom.edge.slot.Assignment;
import dev.heirloom.edge.slot.FetchTally;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.edge.slot.HeirInstaller;
import dev.heirloom.edge.slot.Installers;
import dev.heirloom.edge.slot.StateDirectory;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.runtime.session.SessionSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A device that serves rung 1 and is told rung 3 by a newer release, for tests of what may happen
 * on the way.
 */
final class Installing implements AutoCloseable {
  private static final int PIECE_BYTES = 64;

  private final SmallFamily family = SmallFamily.create();
  private final SmallFamily renewed = SmallFamily.create();
  private final GoldenOutputs golden = new GoldenOutputs(family);
  private final StateDirectory state;
  private final InService inService = new InService();
  private final Installation installation;
  private long decisions;

  Installing(Path root) throws Exception {
    state = StateDirectory.open(root);
    installation = new Installation(installer(), inService, said -> {});
    assertThat(install(family, 1)).isInstanceOf(Result.Installed.class);
  }

  private HeirInstaller installer() {
    return new Installers(state, 1, SessionSettings.cpu(1), Optional.empty(), note -> {})
        .of("", true, note -> {});
  }

  Result promote() throws Exception {
    return install(renewed, 3);
  }

  private Result install(SmallFamily from, int rung) throws Exception {
    decisions++;
    return installation.install(
        Assignment.of(from.desired(decisions, rung)),
        new MemoryFetcher(from, PIECE_BYTES),
        new FetchTally(decisions),
        onTheWay -> {});
  }

  /** Whether the attempt was turned down for want of space, with rung 1 serving on. */
  Outcome assertTurnedDown(Result result) throws Exception {
    assertThat(result).isInstanceOf(Result.Failed.class);
    Outcome outcome = ((Result.Failed) result).outcome();
    assertThat(outcome.getMessage()).contains("No space left on device");
    assertServes(1);
    return outcome;
  }

  void assertServes(int rung) throws Exception {
    Heir heir = inService.heir().orElseThrow();
    assertThat(heir.identity().rung()).isEqualTo(rung);
    golden.assertGivenBy(heir);
  }

  /** Starts once more from what is on the disk now; gives the rung. */
  int restarted() throws Exception {
    try (Heir heir = installer().resume().orElseThrow()) {
      golden.assertGivenBy(heir);
      return heir.identity().rung();
    }
  }

  @Override
  public void close() throws Exception {
    inService.clear().ifPresent(Tenure::retire);
    state.close();
  }
}
