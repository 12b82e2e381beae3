package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldBlobsTest {
  private final SmallFamily family = SmallFamily.create();
  private final DirectoryBlobStore store;
  private final HeldBlobs held;

  HeldBlobsTest(@TempDir Path directory) {
    store = new DirectoryBlobStore(directory);
    held = new HeldBlobs(store, 2);
  }

  private void store(Blob blob) throws Exception {
    store.put(family.content(blob.getSha256()).toByteArray());
  }

  @Test
  void removesNothingBeforeItIsKnownWhatEveryBerthNeeds() throws Exception {
    Digest stray = store.put(new byte[] {1, 2, 3});
    held.nothingInForce("a");
    assertThat(held.collect()).isZero();
    assertThat(store.has(stray)).isTrue();
    held.nothingInForce("b");
    assertThat(held.collect()).isEqualTo(3);
    assertThat(store.has(stray)).isFalse();
  }

  @Test
  void whatAnotherBerthIsAboutToFetchStays() throws Exception {
    held.nothingInForce("a");
    held.nothingInForce("b");
    Blob manifest = family.manifestBlob();
    held.ordering("b", manifest);
    store(manifest);
    held.collect();
    assertThat(store.has(Digest.of(manifest))).isTrue();
    held.ordered("b", manifest, family.manifest());
    Blob skeleton = family.manifest().getSkeleton();
    store(skeleton);
    held.ordering("b", family.manifestBlob());
    held.collect();
    assertThat(store.has(Digest.of(skeleton))).as("of the order before").isTrue();
    held.inForce("b", manifest, SmallFamily.renewed().manifest());
    held.collect();
    assertThat(store.has(Digest.of(skeleton)))
        .as("what was ordered is done with")
        .isEqualTo(SmallFamily.renewed().manifest().getSkeleton().equals(skeleton));
  }

  @Test
  void bandsThatTwoBerthsShareStayUntilNeitherNeedsThem() throws Exception {
    Blob skeleton = family.manifest().getSkeleton();
    store(skeleton);
    held.inForce("a", family.manifestBlob(), family.manifest());
    held.inForce("b", family.manifestBlob(), family.manifest());
    held.nothingInForce("a");
    held.collect();
    assertThat(store.has(Digest.of(skeleton))).isTrue();
    held.nothingInForce("b");
    held.collect();
    assertThat(store.has(Digest.of(skeleton))).isFalse();
  }
}
