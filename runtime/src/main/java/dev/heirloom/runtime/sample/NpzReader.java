package dev.heirloom.runtime.sample;

import dev.heirloom.runtime.MalformedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Reads arrays out of an {@code .npz} file: a ZIP archive of {@code .npy} entries. Large arrays are
 * mapped where they lie if they are neither compressed nor to be widened, and are unpacked
 * otherwise.
 */
final class NpzReader {

  private static final String SUFFIX = ".npy";

  /** Deflate cannot shrink by more than this, so a small entry cannot promise a large array. */
  private static final long MAX_DEFLATION = 1040;

  private NpzReader() {}

  /**
   * Reads the named arrays; others in the file are left alone.
   *
   * @param optional an array that may be missing
   */
  static Map<String, RawArray> read(Path file, List<String> names, String optional, Reading reading)
      throws IOException, MalformedException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Map<String, ZipEntry> entries = new LinkedHashMap<>();
      for (String name : names) {
        ZipEntry entry = zip.getEntry(name + SUFFIX);
        if (entry != null) {
          entries.put(name, entry);
        } else if (!name.equals(optional)) {
          throw new MalformedException(
              "%s: no array %s (expected: %s; found: %s)".formatted(file, name, names, found(zip)));
        }
      }
      Reading.Tally tally =
          reading.tally(entries.values().stream().mapToLong(ZipEntry::getSize).sum());
      Map<String, RawArray> arrays = new LinkedHashMap<>();
      for (Map.Entry<String, ZipEntry> entry : entries.entrySet()) {
        String origin = file + ": " + entry.getKey();
        arrays.put(entry.getKey(), read(zip, file, entry.getValue(), origin, reading, tally));
      }
      return arrays;
    } catch (ZipException | EOFException e) {
      throw new MalformedException(file + ": not an .npz file, or truncated", e);
    }
  }

  private static RawArray read(
      ZipFile zip, Path file, ZipEntry entry, String origin, Reading reading, Reading.Tally tally)
      throws IOException, MalformedException {
    if (entry.getSize() / MAX_DEFLATION > entry.getCompressedSize()) {
      throw new MalformedException(origin + ": promises more values than the file can hold");
    }
    try {
      if (entry.getMethod() == ZipEntry.STORED && entry.getSize() > reading.heapBytes()) {
        Optional<RawArray> mapped = map(file, entry, origin, reading);
        if (mapped.isPresent()) {
          tally.add(entry.getSize());
          return mapped.get();
        }
      }
      try (InputStream in = zip.getInputStream(entry)) {
        return NpyReader.read(in, entry.getSize(), origin, reading, tally);
      }
    } catch (EOFException | ZipException e) {
      throw new MalformedException(origin + ": truncated or damaged", e);
    }
  }

  /** The array where it lies; empty where it has to be widened or is not found. */
  private static Optional<RawArray> map(Path file, ZipEntry entry, String origin, Reading reading)
      throws IOException, MalformedException {
    try (FileChannel channel = FileChannel.open(file)) {
      OptionalLong begin = new StoredEntries(channel).begin(entry.getName());
      if (begin.isEmpty()) {
        return Optional.empty();
      }
      InputStream in = Channels.newInputStream(channel.position(begin.getAsLong()));
      NpyHeader header = NpyHeader.read(in, entry.getSize(), origin);
      if (!header.type().isTarget()) {
        return Optional.empty();
      }
      int rowBytes = header.rowElements() * header.type().sourceBytes();
      long at = begin.getAsLong() + header.bytes();
      if (at + (long) rowBytes * header.rows() > channel.size()) {
        throw new EOFException();
      }
      Rows rows = Rows.map(channel, at, header.rows(), rowBytes, 0, rowBytes, reading.pieceBytes());
      return Optional.of(new RawArray(header.type().target(), header.dims(), rows));
    }
  }

  private static List<String> found(ZipFile zip) {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .limit(20)
        .toList();
  }
}
