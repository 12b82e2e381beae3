package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.runtime.MalformedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryCatalogueTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  private final Path directory;

  DirectoryCatalogueTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private DirectoryCatalogue open() throws Exception {
    return DirectoryCatalogue.open(directory, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static byte[] manifest(String name, long seed) throws Exception {
    return TinyFamily.of(name, 8, seed).manifest().toByteArray();
  }

  @Test
  void tellsTheVersionPublishedLast() throws Exception {
    DirectoryCatalogue catalogue = open();
    assertThat(catalogue.latest("")).isEmpty();
    PublishedFamily first = catalogue.add(manifest("a", 1));
    PublishedFamily second = catalogue.add(manifest("a", 2));
    PublishedFamily other = catalogue.add(manifest("b", 1));
    assertThat(catalogue.all()).containsExactly(first, second, other);
    assertThat(catalogue.latest("a")).contains(second);
    assertThat(catalogue.latest("")).contains(other);
    assertThat(catalogue.latest("c")).isEmpty();
    assertThat(catalogue.find(first.manifest())).contains(first);
  }

  @Test
  void keepsTheOrderAfterAReopenAlthoughTheClockStoodStill() throws Exception {
    DirectoryCatalogue catalogue = open();
    for (int seed = 1; seed <= 5; seed++) {
      catalogue.add(manifest("a", seed));
    }
    assertThat(open().all()).isEqualTo(catalogue.all());
    assertThat(catalogue.all().get(0).published()).isEqualTo(NOW);
  }

  @Test
  void changesNothingWhenTheNewestIsAddedAgain() throws Exception {
    DirectoryCatalogue catalogue = open();
    PublishedFamily first = catalogue.add(manifest("a", 1));
    assertThat(catalogue.add(manifest("a", 1))).isEqualTo(first);
    assertThat(catalogue.all()).hasSize(1);
  }

  @Test
  void makesAnOlderVersionTheNewestWhenItIsAddedAgain() throws Exception {
    DirectoryCatalogue catalogue = open();
    PublishedFamily first = catalogue.add(manifest("a", 1));
    catalogue.add(manifest("a", 2));
    catalogue.add(manifest("a", 1));
    assertThat(catalogue.latest("a").orElseThrow().manifest()).isEqualTo(first.manifest());
    assertThat(catalogue.all()).hasSize(2);
    assertThat(open().all()).isEqualTo(catalogue.all());
  }

  @Test
  void ignoresAVersionWhosePublicationDidNotEnd() throws Exception {
    DirectoryCatalogue catalogue = open();
    PublishedFamily family = catalogue.add(manifest("a", 1));
    Files.delete(directory.resolve("a/" + family.manifest().hex() + ".published"));
    assertThat(open().all()).isEmpty();
  }

  @Test
  void refusesManifestsAndTimesThatWereDamaged() throws Exception {
    PublishedFamily family = open().add(manifest("a", 1));
    Path mark = directory.resolve("a/" + family.manifest().hex() + ".published");
    Files.writeString(mark, "yesterday");
    assertThatThrownBy(this::open)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("not a time");
    Path manifest = directory.resolve("a/" + family.manifest().hex() + ".manifest");
    Files.write(manifest, new byte[] {1, 2, 3});
    assertThatThrownBy(this::open)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("differs from the digest in its name");
  }

  @Test
  void refusesAManifestThatIsNone() throws Exception {
    DirectoryCatalogue catalogue = open();
    assertThatThrownBy(() -> catalogue.add(new byte[] {9, 9}))
        .isInstanceOf(MalformedException.class);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void leavesTheCurrentVersionWhereAnotherIsHeld() throws Exception {
    DirectoryCatalogue catalogue = open();
    PublishedFamily first = catalogue.hold(manifest("a", 1));
    assertThat(catalogue.current("a")).contains(first);
    PublishedFamily second = catalogue.hold(manifest("a", 2));
    assertThat(catalogue.latest("a")).contains(second);
    assertThat(catalogue.current("a")).contains(first);
    assertThat(catalogue.hold(manifest("a", 2))).isEqualTo(second);
    assertThat(open().current("a")).contains(first);

    catalogue.makeCurrent(second.manifest());
    assertThat(open().current("a")).contains(second);
    PublishedFamily third = catalogue.add(manifest("a", 3));
    assertThat(open().current("a")).contains(third);
  }

  @Test
  void tellsTheVersionThatBecameCurrentLastOfAll() throws Exception {
    DirectoryCatalogue catalogue = open();
    catalogue.add(manifest("a", 1));
    PublishedFamily held = catalogue.hold(manifest("a", 2));
    PublishedFamily other = catalogue.add(manifest("b", 1));
    assertThat(catalogue.current("")).contains(other);
    catalogue.makeCurrent(held.manifest());
    assertThat(open().current("")).contains(held);
  }

  @Test
  void doesNotRetireTheCurrentVersion() throws Exception {
    DirectoryCatalogue catalogue = open();
    catalogue.add(manifest("a", 1));
    PublishedFamily held = catalogue.hold(manifest("a", 2));
    assertThat(catalogue.retire(catalogue.entries().get(0))).isFalse();
    catalogue.makeCurrent(held.manifest());
    assertThat(catalogue.retire(catalogue.entries().get(0))).isTrue();
    assertThat(open().all()).containsExactly(held);
  }

  @Test
  void refusesADamagedWordOnWhatIsCurrent() throws Exception {
    DirectoryCatalogue catalogue = open();
    catalogue.add(manifest("a", 1));
    catalogue.hold(manifest("a", 2));
    Files.writeString(directory.resolve("a/current"), "yesterday");
    assertThatThrownBy(this::open)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("not a digest and a time");
  }
}
