package dev.heirloom.bench;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Manifests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An agent's state directory as somebody finds it who comes after the agent's end. */
record DeviceDisk(Path root) {

  /** How far an installation had come. */
  enum Stage {
    /** Parts were missing. */
    DOWNLOAD,
    /** Every part was there, and nothing of the heir. */
    ASSEMBLY,
    /** Something of the heir was written, and it was not in force. */
    COMMIT,
    /** It was in force. */
    DONE
  }

  /**
   * A version of a family at one of its rungs.
   *
   * @param rung from 1
   */
  record Wanted(Family family, int rung) {}

  /** Version of the heir in force, as agents name it; empty where there is none. */
  Optional<String> inForce() throws IOException {
    String pointer;
    try {
      pointer = Files.readString(root.resolve("current"), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Map<String, String> fields = new TreeMap<>();
    for (String line : pointer.split("\n", -1)) {
      int space = line.indexOf(' ');
      fields.put(line.substring(0, Math.max(0, space)), line.substring(space + 1));
    }
    try {
      return Optional.of(
          Digest.parse(String.valueOf(fields.get("manifest-sha256"))).brief()
              + "-"
              + fields.get("rung"));
    } catch (IllegalArgumentException e) {
      throw new IOException("current: " + pointer, e);
    }
  }

  /** What is in the slots, without reading it. */
  List<String> slots() throws IOException {
    if (!Files.isDirectory(root.resolve("slots"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root.resolve("slots"))) {
      return files.filter(Files::isRegularFile).map(DeviceDisk::written).sorted().toList();
    }
  }

  private static String written(Path file) {
    try {
      return file + " " + Files.getLastModifiedTime(file) + " " + Files.size(file);
    } catch (IOException e) {
      return file + " gone";
    }
  }

  /**
   * How far it had come with what was ordered.
   *
   * @param slotsBefore what was in the slots when it was ordered
   */
  Stage stage(Wanted wanted, List<String> slotsBefore) throws IOException, MalformedException {
    String version = wanted.family().digest().brief() + "-" + wanted.rung();
    if (inForce().equals(Optional.of(version))) {
      return Stage.DONE;
    }
    DirectoryBlobStore blobs = new DirectoryBlobStore(root.resolve("blobs"));
    if (!blobs.has(wanted.family().digest())) {
      return Stage.DOWNLOAD;
    }
    for (Blob blob : Manifests.needed(wanted.family().manifest(), wanted.rung())) {
      if (!blobs.has(Digest.of(blob))) {
        return Stage.DOWNLOAD;
      }
    }
    return slots().equals(slotsBefore) ? Stage.ASSEMBLY : Stage.COMMIT;
  }
}
