package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** A family as what has to be sent of it. */
public final class Publication {
  private Publication() {}

  /** Every blob that a manifest names, each once. */
  public static List<Blob> blobs(Manifest manifest) {
    return Stream.of(
            Stream.of(manifest.getSkeleton(), manifest.getGoldenSamples(), manifest.getProbe()),
            manifest.getDenseList().stream().map(dense -> dense.getBlob()),
            manifest.getLayersList().stream()
                .flatMap(layer -> layer.getBandsList().stream())
                .map(band -> band.getBlob()),
            manifest.getRungsList().stream().map(rung -> rung.getPatch()))
        .flatMap(blobs -> blobs)
        .filter(blob -> !blob.getSha256().isEmpty())
        .distinct()
        .toList();
  }

  /** Size of all blobs. */
  public static long bytes(Family family) {
    return bytes(family.manifest());
  }

  /** Size of all blobs that a manifest names. */
  public static long bytes(Manifest manifest) {
    return blobs(manifest).stream().mapToLong(Blob::getSizeBytes).sum();
  }

  /** Sends what the control plane lacks; devices take the version at once. */
  public static PublishResponse publish(ControlPlaneClient client, Family family, LongConsumer sent)
      throws ControlPlaneException, IOException, MalformedException, InterruptedException {
    return publish(client, family, false, sent);
  }

  /**
   * Sends what the control plane lacks.
   *
   * @param hold whether devices shall not take the version by themselves
   */
  public static PublishResponse publish(
      ControlPlaneClient client, Family family, boolean hold, LongConsumer sent)
      throws ControlPlaneException, IOException, MalformedException, InterruptedException {
    return client.publish(
        hold,
        family.manifestBytes(),
        family.release().map(ManifestRelease::signed),
        blobs(family.manifest()),
        family.blobs(),
        sent);
  }
}
