package dev.heirloom.edge.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowJournalTest {
  private static final ByteString MANIFEST = ByteString.copyFrom(new byte[32]);

  private final Path directory;
  private final List<String> notes = new ArrayList<>();
  private final AtomicLong drawn = new AtomicLong(100);

  WindowJournalTest(@TempDir Path root) {
    this.directory = root.resolve("reports");
  }

  private WindowJournal journal() {
    return new WindowJournal(directory, drawn::incrementAndGet, notes::add);
  }

  private static Window.Builder window(int rung) {
    Histogram latencies = LatencySummaries.histogram();
    latencies.recordValue(1_000_000);
    latencies.recordValue(9_000_000);
    return Window.newBuilder()
        .setStartUnixMs(1)
        .setDurationMs(10_000)
        .setManifestSha256(MANIFEST)
        .setRung(rung)
        .setSource(Source.SOURCE_TRAFFIC)
        .setRequest(LatencySummaries.of(latencies))
        .setLabelled(3)
        .setCorrect(2)
        .setMeanConfidence(0.5);
  }

  private static List<Window> all(WindowJournal journal) {
    List<Window> all = new ArrayList<>();
    for (Optional<Window> next = journal.after(0);
        next.isPresent();
        next = journal.after(next.get().getSequence())) {
      all.add(next.get());
    }
    return all;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void whatWasNotTakenIsThereAfterARestartAndNoSequenceRepeats() {
    WindowJournal before = journal();
    for (int i = 0; i < 3; i++) {
      before.add(window(1));
    }
    before.taken(1);
    WindowJournal after = journal();
    assertThat(after.reporter()).isEqualTo(before.reporter());
    assertThat(all(after)).isEqualTo(all(before)).hasSize(2);
    after.add(window(1));
    assertThat(all(after)).extracting(Window::getSequence).startsWith(2L, 3L).hasSize(3);
    assertThat(all(after).get(2).getSequence()).isGreaterThan(1000);
    assertThat(notes).isEmpty();
  }

  @Test
  void whatWasTakenLeavesNothingOnDisk() throws IOException {
    WindowJournal journal = journal();
    for (int i = 0; i < 5; i++) {
      journal.add(window(1));
    }
    assertThat(files()).hasSize(6);
    journal.taken(5);
    assertThat(journal.size()).isZero();
    assertThat(files())
        .extracting(file -> file.getFileName().toString())
        .containsExactly("reporter");
  }

  @Test
  void olderWindowsBecomeCoarserAndNothingThatTheyCountedIsLost() {
    WindowJournal journal = journal();
    int many = 10 * WindowJournal.MOST;
    for (int i = 0; i < many; i++) {
      journal.add(window(1));
    }
    List<Window> kept = all(journal);
    assertThat(kept).hasSize(WindowJournal.MOST);
    assertThat(kept.stream().mapToLong(Window::getLabelled).sum()).isEqualTo(3L * many);
    assertThat(kept.stream().mapToLong(Window::getCorrect).sum()).isEqualTo(2L * many);
    assertThat(kept.stream().mapToLong(w -> w.getRequest().getCount()).sum()).isEqualTo(2L * many);
    assertThat(kept.stream().mapToLong(Window::getDurationMs).sum()).isEqualTo(10_000L * many);
    assertThat(kept).allSatisfy(w -> assertThat(w.getMeanConfidence()).isEqualTo(0.5));
    assertThat(kept.subList(0, WindowJournal.MOST_UNANSWERED))
        .as("those that may have been sent")
        .allSatisfy(w -> assertThat(w.getFirstSequence()).isZero());
    assertThat(kept.subList(WindowJournal.MOST / 2, WindowJournal.MOST))
        .as("the newer half")
        .allSatisfy(w -> assertThat(w.getFirstSequence()).isZero());
    long next = 1;
    for (Window window : kept) {
      assertThat(WindowMerge.first(window)).isEqualTo(next);
      next = window.getSequence() + 1;
    }
    assertThat(all(journal())).isEqualTo(kept);
  }

  @Test
  void windowsOfDifferentHeirsAreNotMixed() {
    WindowJournal journal = journal();
    for (int i = 0; i < WindowJournal.MOST + 50; i++) {
      journal.add(window(1 + i % 2));
    }
    assertThat(journal.size()).isEqualTo(WindowJournal.MOST);
    assertThat(all(journal)).allSatisfy(w -> assertThat(w.getFirstSequence()).isZero());
  }

  @Test
  void mergedLatenciesArePooled() {
    Window merged =
        WindowMerge.of(
            window(1).setSequence(4).build(),
            window(1).setSequence(5).setTemperatureCelsius(61).build());
    assertThat(merged.getFirstSequence()).isEqualTo(4);
    assertThat(merged.getSequence()).isEqualTo(5);
    assertThat(merged.getRequest().getCount()).isEqualTo(4);
    assertThat(merged.getRequest().getMaxNs()).isBetween(9_000_000L, 9_010_000L);
    assertThat(merged.getRequest().getP50Ns()).isBetween(990_000L, 1_010_000L);
    assertThat(merged.getTemperatureCelsius()).isEqualTo(61);
  }

  @Test
  void aCrashInTheMidstOfMergingCountsNothingTwice() throws IOException {
    WindowJournal journal = journal();
    for (int i = 0; i < WindowJournal.MOST; i++) {
      journal.add(window(1));
    }
    Path earlier = directory.resolve("%020d".formatted(WindowJournal.MOST_UNANSWERED + 1));
    byte[] before = Files.readAllBytes(earlier);
    journal.add(window(1));
    assertThat(earlier).doesNotExist();
    Files.write(earlier, before);

    List<Window> kept = all(journal());
    assertThat(kept).isEqualTo(all(journal));
    assertThat(earlier).doesNotExist();
  }

  @Test
  void aDamagedWindowIsLostAloneAndSaid() throws IOException {
    WindowJournal journal = journal();
    for (int i = 0; i < 3; i++) {
      journal.add(window(1));
    }
    Path second = directory.resolve("%020d".formatted(2));
    byte[] bytes = Files.readAllBytes(second);
    bytes[5] ^= 1;
    Files.write(second, bytes);
    assertThat(all(journal())).extracting(Window::getSequence).containsExactly(1L, 3L);
    assertThat(notes).singleElement().asString().contains("a report of an earlier start is lost");
    assertThat(second).doesNotExist();
  }

  @Test
  void withoutWhatSequencesAreCountedBeneathCountingBeginsAnew() throws IOException {
    WindowJournal journal = journal();
    journal.add(window(1));
    Files.write(directory.resolve("reporter"), new byte[7]);
    WindowJournal anew = journal();
    assertThat(anew.reporter()).isNotEqualTo(journal.reporter());
    assertThat(anew.size()).isZero();
    anew.add(window(1));
    assertThat(all(anew)).extracting(Window::getSequence).containsExactly(1L);
    assertThat(notes).singleElement().asString().contains("reports of an earlier start are lost");
  }

  @Test
  void aPlaceThatCannotBeWrittenToIsSaidOnceAndWindowsStayInMemory() throws IOException {
    Files.writeString(directory, "a file where the directory should be");
    Path below = directory.resolve("reports");
    WindowJournal journal = new WindowJournal(below, drawn::incrementAndGet, notes::add);
    journal.add(window(1));
    journal.add(window(1));
    assertThat(journal.size()).isEqualTo(2);
    assertThat(notes)
        .filteredOn(note -> note.contains("reports cannot be kept on disk"))
        .hasSize(1);
  }
}
