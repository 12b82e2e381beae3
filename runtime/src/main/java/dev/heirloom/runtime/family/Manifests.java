package dev.heirloom.runtime.family;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.DenseWeight;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.MalformedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads manifests and says which blobs they mean. */
public final class Manifests {

  /** The version of the format that is written, and the only one that is read. */
  public static final int FORMAT = 1;

  /** No manifest is larger than this. */
  public static final int MAX_BYTES = 16 << 20;

  private Manifests() {}

  /**
   * Reads a manifest and checks everything in it that can be checked without its blobs.
   *
   * @throws MalformedException naming the first field that is wrong
   */
  public static Manifest parse(byte[] bytes) throws MalformedException {
    if (bytes.length == 0 || bytes.length > MAX_BYTES) {
      throw new MalformedException(
          "manifest: %d bytes (expected: 1..%d)".formatted(bytes.length, MAX_BYTES));
    }
    Manifest manifest;
    try {
      manifest = Manifest.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("manifest: not a manifest, or truncated", e);
    }
    new ManifestCheck(manifest).run();
    return manifest;
  }

  /**
   * The rung's entry.
   *
   * @throws MalformedException if there is no such rung
   */
  public static Rung rung(Manifest manifest, int rung) throws MalformedException {
    if (rung < 1 || rung > manifest.getRungsCount()) {
      throw new MalformedException(
          "rung %d does not exist (expected: 1..%d)".formatted(rung, manifest.getRungsCount()));
    }
    return manifest.getRungs(rung - 1);
  }

  /**
   * What a device needs for a rung: skeleton, dense weights, bands up to the rung, the rung's
   * patch, and the samples that its golden outputs are of; each content once.
   *
   * @throws MalformedException if there is no such rung
   */
  public static List<Blob> needed(Manifest manifest, int rung) throws MalformedException {
    Rung wanted = rung(manifest, rung);
    List<Blob> blobs = new ArrayList<>();
    blobs.add(manifest.getSkeleton());
    for (DenseWeight weight : manifest.getDenseList()) {
      blobs.add(weight.getBlob());
    }
    for (FactoredLayer layer : manifest.getLayersList()) {
      for (Band band : bands(layer, rung)) {
        blobs.add(band.getBlob());
      }
    }
    blobs.add(wanted.getPatch());
    if (manifest.hasGoldenSamples()) {
      blobs.add(manifest.getGoldenSamples());
    }
    return distinct(blobs);
  }

  /** Bytes of {@link #needed}. */
  public static long sizeBytes(Manifest manifest, int rung) throws MalformedException {
    return needed(manifest, rung).stream().mapToLong(Blob::getSizeBytes).sum();
  }

  /** Every blob of the family, each content once, what the smallest rung needs first. */
  public static List<Blob> all(Manifest manifest) throws MalformedException {
    List<Blob> blobs = new ArrayList<>();
    for (int rung = 1; rung <= manifest.getRungsCount(); rung++) {
      blobs.addAll(needed(manifest, rung));
    }
    probe(manifest).ifPresent(blobs::add);
    return distinct(blobs);
  }

  /** The probe, if the family has one. */
  public static Optional<Blob> probe(Manifest manifest) {
    return manifest.hasProbe() ? Optional.of(manifest.getProbe()) : Optional.empty();
  }

  /** The layer's bands that a rung needs, in rank order. */
  public static List<Band> bands(FactoredLayer layer, int rung) {
    return layer.getBandsList().stream().filter(band -> band.getRung() <= rung).toList();
  }

  private static List<Blob> distinct(List<Blob> blobs) {
    Set<Digest> seen = new HashSet<>();
    return blobs.stream().filter(blob -> seen.add(Digest.of(blob))).toList();
  }
}
