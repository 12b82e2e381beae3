package dev.heirloom.edge.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.Window;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.BehaviorTestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportActorTest {
  private final List<Window> sent = new CopyOnWriteArrayList<>();
  private final BehaviorTestKit<ReportActor.Command> actor;

  ReportActorTest(@TempDir Path directory) {
    WindowJournal journal = new WindowJournal(directory.resolve("reports"), () -> 1, note -> {});
    actor = BehaviorTestKit.create(ReportActor.create(journal));
  }

  private void keep(int windows) {
    for (int i = 0; i < windows; i++) {
      actor.run(new ReportActor.Keep(Window.newBuilder().setRung(1)));
    }
  }

  private List<Long> sequences() {
    return sent.stream().map(Window::getSequence).toList();
  }

  @Test
  void sendsNothingBeforeItIsToldWhatWasTaken() {
    actor.run(new ReportActor.Connected(sent::add));
    keep(3);
    assertThat(sent).isEmpty();
    actor.run(new ReportActor.Taken(1));
    assertThat(sequences()).containsExactly(2L, 3L);
  }

  @Test
  void whatWasKeptWithoutAConnectionIsSentAsLate() {
    keep(2);
    actor.run(new ReportActor.Connected(sent::add));
    keep(1);
    actor.run(new ReportActor.Taken(0));
    assertThat(sequences()).containsExactly(1L, 2L, 3L);
    assertThat(sent).extracting(Window::getLate).containsExactly(true, true, false);
  }

  @Test
  void whatWasNotAnsweredIsSentAgainOverTheNextConnection() {
    actor.run(new ReportActor.Connected(sent::add));
    actor.run(new ReportActor.Taken(0));
    keep(3);
    actor.run(new ReportActor.Taken(1));
    actor.run(new ReportActor.Disconnected());
    keep(1);
    sent.clear();
    actor.run(new ReportActor.Connected(sent::add));
    actor.run(new ReportActor.Taken(2));
    assertThat(sequences()).containsExactly(3L, 4L);
  }

  @Test
  void onlyAFewGoAheadOfTheAnswers() {
    keep(50);
    actor.run(new ReportActor.Connected(sent::add));
    actor.run(new ReportActor.Taken(0));
    assertThat(sent).hasSize(WindowJournal.MOST_UNANSWERED);
    for (long taken = 1; taken <= 50; taken++) {
      actor.run(new ReportActor.Taken(taken));
      assertThat(sent.size() - taken).isLessThanOrEqualTo(WindowJournal.MOST_UNANSWERED);
    }
    assertThat(sequences()).hasSize(50).doesNotHaveDuplicates().isSorted();
  }
}
