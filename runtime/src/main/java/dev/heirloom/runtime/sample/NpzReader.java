package dev.heirloom.runtime.sample;

import dev.heirloom.runtime.MalformedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Reads arrays out of an {@code .npz} file: a ZIP archive of {@code .npy} entries. */
final class NpzReader {

  private static final String SUFFIX = ".npy";

  private NpzReader() {}

  /** Reads the named arrays; others in the file are left alone. */
  static Map<String, RawArray> read(Path file, List<String> names)
      throws IOException, MalformedException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Map<String, RawArray> arrays = new LinkedHashMap<>();
      for (String name : names) {
        ZipEntry entry = zip.getEntry(name + SUFFIX);
        if (entry == null) {
          throw new MalformedException(
              "%s: no array %s (expected: %s; found: %s)".formatted(file, name, names, found(zip)));
        }
        arrays.put(name, read(zip, entry, file + ": " + name));
      }
      return arrays;
    } catch (ZipException e) {
      throw new MalformedException(file + ": not an .npz file, or truncated", e);
    }
  }

  private static RawArray read(ZipFile zip, ZipEntry entry, String origin)
      throws IOException, MalformedException {
    try (InputStream in = zip.getInputStream(entry)) {
      return NpyReader.read(in, entry.getSize(), origin);
    } catch (EOFException | ZipException e) {
      throw new MalformedException(origin + ": truncated or damaged", e);
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
