package dev.heirloom.control.store;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.file.DurableFiles;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The published families, as files {@code NAME/DIGEST.manifest} beside {@code
 * NAME/DIGEST.published}, which holds when. The second file is written last: without it the version
 * does not exist. All manifests are held in memory.
 */
public final class DirectoryCatalogue implements FamilyCatalogue {
  private static final String MANIFEST = ".manifest";
  private static final String PUBLISHED = ".published";
  private static final String RELEASE = ".release";

  /**
   * A published version with its manifest.
   *
   * @param bytes the manifest as published: what its digest is of
   */
  public record Entry(PublishedFamily family, Manifest manifest, ByteString bytes) {

    /** Every blob that it is made of. */
    Set<Digest> blobs() {
      try {
        return Manifests.all(manifest).stream().map(Digest::of).collect(Collectors.toSet());
      } catch (MalformedException e) {
        throw new IllegalStateException("a checked manifest", e);
      }
    }
  }

  private final Path directory;
  private final Clock clock;
  private final CurrentVersions currents;
  private final Map<Digest, ManifestRelease> releases = new ConcurrentHashMap<>();
  private volatile Map<Digest, Entry> entries;

  private DirectoryCatalogue(Path directory, Clock clock, Map<Digest, Entry> entries) {
    this.directory = directory;
    this.currents = new CurrentVersions(directory);
    this.clock = clock;
    this.entries = entries;
  }

  /**
   * Reads what was published.
   *
   * @throws MalformedException where a manifest is not what its name says
   */
  public static DirectoryCatalogue open(Path directory, Clock clock)
      throws IOException, MalformedException {
    Files.createDirectories(directory);
    List<Path> marks;
    try (Stream<Path> found = Files.walk(directory, 2)) {
      marks = found.filter(file -> file.toString().endsWith(PUBLISHED)).toList();
    }
    List<Entry> read = new ArrayList<>();
    for (Path mark : marks) {
      read.add(read(mark));
    }
    DirectoryCatalogue catalogue = new DirectoryCatalogue(directory, clock, inOrder(read));
    for (Entry entry : read) {
      catalogue.readRelease(entry.family());
      catalogue.currents.read(entry.family().name());
    }
    return catalogue;
  }

  private void readRelease(PublishedFamily family) throws IOException, MalformedException {
    Path file = file(family, RELEASE);
    if (Files.exists(file)) {
      releases.put(family.manifest(), ManifestRelease.read(file));
    }
  }

  private Path file(PublishedFamily family, String ending) {
    return directory.resolve(family.name()).resolve(family.manifest().hex() + ending);
  }

  /** What permits a version; empty where nothing does yet. */
  public Optional<ManifestRelease> release(Digest manifest) {
    return Optional.ofNullable(releases.get(manifest));
  }

  /** The highest version among a family's releases; 0 where there is none. */
  public long newestRelease(String family) {
    return releases.values().stream()
        .filter(release -> release.family().equals(family))
        .mapToLong(ManifestRelease::version)
        .max()
        .orElse(0);
  }

  /** Keeps, durably, what permits a published version, in the place of what did before. */
  public synchronized void keepRelease(ManifestRelease release) throws IOException {
    PublishedFamily family =
        find(release.manifest())
            .orElseThrow(() -> new IllegalArgumentException(release + ": not published"));
    DurableFiles.replace(file(family, RELEASE), release.signed().toByteArray());
    releases.put(release.manifest(), release);
  }

  private static Entry read(Path mark) throws IOException, MalformedException {
    String name = mark.getFileName().toString();
    String hex = name.substring(0, name.length() - PUBLISHED.length());
    Path file = mark.resolveSibling(hex + MANIFEST);
    byte[] bytes = Files.readAllBytes(file);
    Digest digest = Digest.of(bytes);
    if (!digest.hex().equals(hex)) {
      throw new MalformedException(file + ": content differs from the digest in its name");
    }
    try {
      String time = Files.readString(mark, StandardCharsets.US_ASCII).strip();
      return entry(bytes, digest, Instant.parse(time));
    } catch (DateTimeException e) {
      throw new MalformedException(mark + ": not a time: " + e.getMessage());
    }
  }

  private static Entry entry(byte[] bytes, Digest digest, Instant published)
      throws MalformedException {
    Manifest manifest = Manifests.parse(bytes);
    return new Entry(
        new PublishedFamily(
            manifest.getName(), digest, bytes.length, published, Ladder.of(manifest)),
        manifest,
        ByteString.copyFrom(bytes));
  }

  private static Map<Digest, Entry> inOrder(List<Entry> read) {
    Map<Digest, Entry> ordered = new LinkedHashMap<>();
    read.stream()
        .sorted(Comparator.comparing((Entry entry) -> entry.family().published()))
        .forEach(entry -> ordered.put(entry.family().manifest(), entry));
    return ordered;
  }

  /**
   * Makes a version the one published last and the current one, durably; its blobs must be there
   * already. Nothing changes where it is that already.
   */
  public synchronized PublishedFamily add(byte[] manifest) throws IOException, MalformedException {
    PublishedFamily added = added(manifest);
    if (currents.of(added.name()).isPresent()) {
      makeCurrent(added.manifest());
    }
    return added;
  }

  /**
   * Makes a version known, durably, and leaves the current one of its family as it is; the first
   * version of a family becomes the current one. Nothing changes where it is known already.
   */
  public synchronized PublishedFamily hold(byte[] manifest) throws IOException, MalformedException {
    Optional<PublishedFamily> known = find(Digest.of(manifest));
    if (known.isPresent()) {
      return known.get();
    }
    Optional<PublishedFamily> current = current(Manifests.parse(manifest).getName());
    if (current.isPresent() && currents.of(current.get().name()).isEmpty()) {
      say(current.get(), current.get().published());
    }
    return added(manifest);
  }

  /** Makes a published version the current one of its family, durably. */
  public synchronized PublishedFamily makeCurrent(Digest manifest) throws IOException {
    PublishedFamily family =
        find(manifest)
            .orElseThrow(
                () -> new IOException("version " + manifest.brief() + " is not published"));
    if (!isCurrent(family)) {
      say(family, after(current("")));
    }
    return family;
  }

  private void say(PublishedFamily family, Instant since) throws IOException {
    currents.set(family.name(), new CurrentVersions.Current(family.manifest(), since));
  }

  /** Whether devices take a version by themselves. */
  public boolean isCurrent(PublishedFamily family) {
    return current(family.name()).filter(family::equals).isPresent();
  }

  @Override
  public Optional<PublishedFamily> current(String name) {
    return currentEntry(name).map(Entry::family);
  }

  /**
   * The current version of a family; the empty name takes the one that became current last of all.
   */
  public Optional<Entry> currentEntry(String name) {
    if (!name.isEmpty()) {
      return currents
          .of(name)
          .flatMap(current -> findEntry(current.manifest()))
          .or(() -> latestEntry(name));
    }
    return entries.values().stream()
        .map(entry -> entry.family().name())
        .distinct()
        .flatMap(family -> currentEntry(family).stream())
        .max(Comparator.comparing(entry -> since(entry.family())));
  }

  private Instant since(PublishedFamily family) {
    return currents
        .of(family.name())
        .filter(current -> current.manifest().equals(family.manifest()))
        .map(CurrentVersions.Current::since)
        .orElse(family.published());
  }

  private PublishedFamily added(byte[] manifest) throws IOException, MalformedException {
    Digest digest = Digest.of(manifest);
    Optional<PublishedFamily> last = latest("");
    if (last.isPresent() && last.get().manifest().equals(digest)) {
      return last.get();
    }
    Entry added = entry(manifest, digest, after(last));
    Path folder = directory.resolve(added.family().name());
    Files.createDirectories(folder);
    DurableFiles.replace(folder.resolve(digest.hex() + MANIFEST), manifest);
    DurableFiles.replace(
        folder.resolve(digest.hex() + PUBLISHED),
        (added.family().published() + "\n").getBytes(StandardCharsets.US_ASCII));
    DurableFiles.syncDirectory(directory);
    List<Entry> all = new ArrayList<>(entries.values());
    all.removeIf(entry -> entry.family().manifest().equals(digest));
    all.add(added);
    entries = inOrder(all);
    return added.family();
  }

  /**
   * Takes a version out, durably; nothing changes where it was published again since {@code entry}
   * was read. Its blobs stay.
   *
   * @return whether it was taken out
   */
  public synchronized boolean retire(Entry entry) throws IOException {
    PublishedFamily family = entry.family();
    if (!entry.equals(entries.get(family.manifest())) || isCurrent(family)) {
      return false;
    }
    // Without this file the version does not exist; the others mean nothing then.
    Files.deleteIfExists(file(family, PUBLISHED));
    List<Entry> rest = new ArrayList<>(entries.values());
    rest.remove(entry);
    entries = inOrder(rest);
    releases.remove(family.manifest());
    DurableFiles.syncDirectory(directory.resolve(family.name()));
    Files.deleteIfExists(file(family, RELEASE));
    Files.deleteIfExists(file(family, MANIFEST));
    return true;
  }

  /** Every blob that a version is made of, the manifests' own bytes among them. */
  public Set<Digest> blobs() {
    Set<Digest> named = new HashSet<>();
    for (Entry entry : entries.values()) {
      named.add(entry.family().manifest());
      named.addAll(entry.blobs());
    }
    return named;
  }

  // The order of publication must survive a clock that was set back.
  private Instant after(Optional<PublishedFamily> last) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    return last.map(family -> since(family).plusMillis(1))
        .filter(least -> least.isAfter(now))
        .orElse(now);
  }

  /**
   * The version published last under a name; the empty name takes the one published last of all.
   */
  public Optional<Entry> latestEntry(String name) {
    return entries.values().stream()
        .filter(entry -> name.isEmpty() || entry.family().name().equals(name))
        .reduce((earlier, later) -> later);
  }

  /** Every version, the one published last at the end. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  @Override
  public Optional<PublishedFamily> latest(String name) {
    return latestEntry(name).map(Entry::family);
  }

  @Override
  public Optional<PublishedFamily> find(Digest manifest) {
    return findEntry(manifest).map(Entry::family);
  }

  /** The version with this manifest. */
  public Optional<Entry> findEntry(Digest manifest) {
    return Optional.ofNullable(entries.get(manifest));
  }

  @Override
  public List<PublishedFamily> all() {
    return entries.values().stream().map(Entry::family).toList();
  }
}
