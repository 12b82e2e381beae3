package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.edge.slot.SlotPointer.Slot;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotsTest {
  private static final byte[] MANIFEST = new byte[3];
  private static final byte[] OLD = "the old heir".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "the new heir, larger".getBytes(StandardCharsets.UTF_8);

  private final Path root;

  SlotsTest(@TempDir Path root) {
    this.root = root;
  }

  private static void install(Slots slots, byte[] onnx, int rung) throws IOException {
    Slots.Written written = slots.write(onnx, MANIFEST);
    slots.commit(pointer(written.slot(), written.file(), rung));
  }

  private static SlotPointer pointer(Slot slot, Blob file, int rung) {
    return new SlotPointer(
        slot, file, BlobStore.blob(MANIFEST), "small", rung, new ProbeResult(40, 30, 35));
  }

  private byte[] inForce() throws Exception {
    Slots slots = new Slots(root, Disk.local());
    Optional<SlotPointer> current = slots.current();
    return current.isEmpty() ? new byte[0] : slots.read(current.get());
  }

  @Test
  void servesNothingAtFirst() throws Exception {
    assertThat(new Slots(root, Disk.local()).current()).isEmpty();
  }

  @Test
  void alternatesBetweenTheSlots() throws Exception {
    Slots slots = new Slots(root, Disk.local());
    install(slots, OLD, 1);
    assertThat(slots.current().orElseThrow().slot()).isEqualTo(Slot.A);
    install(slots, NEW, 2);
    assertThat(slots.current().orElseThrow().slot()).isEqualTo(Slot.B);
    assertThat(inForce()).isEqualTo(NEW);
    install(slots, OLD, 1);
    assertThat(slots.current().orElseThrow().slot()).isEqualTo(Slot.A);
    assertThat(inForce()).isEqualTo(OLD);
  }

  @Test
  void crashAtAnyOperationLeavesAWholeHeir() throws Exception {
    int operations = new FailingDisk(Integer.MAX_VALUE).count(disk -> install(disk, root));
    assertThat(operations).isGreaterThanOrEqualTo(8);
    for (int failing = 0; failing < operations; failing++) {
      for (boolean half : new boolean[] {false, true}) {
        Path fresh = Files.createTempDirectory(root, "crash");
        install(new Slots(fresh, Disk.local()), OLD, 1);
        FailingDisk disk = new FailingDisk(failing);
        disk.half = half;
        assertThatThrownBy(() -> install(new Slots(fresh, disk), NEW, 2))
            .isInstanceOf(IOException.class);
        Slots after = new Slots(fresh, Disk.local());
        byte[] served = after.read(after.current().orElseThrow());
        assertThat(served)
            .as("operation %d, half done: %s", failing, half)
            .satisfiesAnyOf(
                bytes -> assertThat(bytes).isEqualTo(OLD),
                bytes -> assertThat(bytes).isEqualTo(NEW));
        install(after, NEW, 2);
        assertThat(after.read(after.current().orElseThrow())).isEqualTo(NEW);
      }
    }
  }

  private static void install(Disk disk, Path root) throws IOException {
    install(new Slots(Files.createTempDirectory(root, "count"), disk), NEW, 1);
  }

  @Test
  void findsAFlippedByteInTheHeir() throws Exception {
    Slots slots = new Slots(root, Disk.local());
    install(slots, OLD, 1);
    Path file = root.resolve("slots/a/heir.onnx");
    byte[] bytes = Files.readAllBytes(file);
    bytes[4] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(this::inForce)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("digest differs");
    Files.write(file, Arrays.copyOf(bytes, 5));
    assertThatThrownBy(this::inForce)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("5 bytes (expected: 12)");
  }

  @Test
  void findsAnyChangeOfThePointer() throws Exception {
    install(new Slots(root, Disk.local()), OLD, 1);
    Path file = root.resolve("current");
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      Files.write(file, bad);
      assertThatThrownBy(() -> new Slots(root, Disk.local()).current())
          .as("byte %d", i)
          .isInstanceOf(MalformedException.class);
      Files.write(file, Arrays.copyOf(good, i));
      assertThatThrownBy(() -> new Slots(root, Disk.local()).current())
          .as("cut at %d", i)
          .isInstanceOf(MalformedException.class);
    }
    Files.write(file, new byte[1 << 20]);
    assertThatThrownBy(() -> new Slots(root, Disk.local()).current())
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void pointerSurvivesARoundTrip() throws Exception {
    SlotPointer pointer = pointer(Slot.B, BlobStore.blob(OLD), 5);
    assertThat(SlotPointer.parse(pointer.encode())).isEqualTo(pointer);
  }

  @Test
  void heirCanBeWrittenOverADamagedPointer() throws Exception {
    Files.writeString(root.resolve("current"), "nonsense");
    install(new Slots(root, Disk.local()), NEW, 2);
    assertThat(inForce()).isEqualTo(NEW);
  }

  /** Fails at one operation as a crash would: nothing of it is done, or half of it. */
  static final class FailingDisk implements Disk {
    private final Disk real = Disk.local();
    private final int failing;
    private int operations;
    private boolean half;

    FailingDisk(int failing) {
      this.failing = failing;
    }

    interface Work {
      void with(Disk disk) throws IOException;
    }

    int count(Work work) throws IOException {
      work.with(this);
      return operations;
    }

    @Override
    public void write(Path file, byte[] content) throws IOException {
      if (fails()) {
        if (half) {
          real.write(file, Arrays.copyOf(content, content.length / 2));
        }
        throw new IOException("No space left on device");
      }
      real.write(file, content);
    }

    @Override
    public void writePrivate(Path file, byte[] content) throws IOException {
      write(file, content);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      if (fails()) {
        if (half) {
          real.rename(from, to);
        }
        throw new IOException("crash at rename");
      }
      real.rename(from, to);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      if (fails()) {
        throw new IOException("crash at sync");
      }
      real.syncDirectory(directory);
    }

    private boolean fails() {
      return operations++ == failing;
    }
  }
}
