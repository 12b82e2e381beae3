package dev.heirloom.edge.slot;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.proto.v1.SignedRoster;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Manifests;
import java.util.List;

/**
 * The heir that the control plane wants this device to serve.
 *
 * @param decision number of the decision, counted by the control plane
 * @param manifest names the manifest blob
 * @param rung from 1
 * @param reason one line, why this rung
 * @param permit what permits the manifest
 */
public record Assignment(
    long decision, String family, Blob manifest, int rung, String reason, Permit permit) {

  /**
   * What came with an order to permit it.
   *
   * @param release as it was signed; without content where none came
   * @param rosters those after the one that the device trusts, in order
   */
  public record Permit(SignedRelease release, List<SignedRoster> rosters) {
    public Permit {
      rosters = List.copyOf(rosters);
    }
  }

  /**
   * Reads an order of the control plane.
   *
   * @throws MalformedException if a field cannot be what it should be
   */
  public static Assignment of(Desired desired) throws MalformedException {
    check(desired.getManifest(), desired.getRung());
    return new Assignment(
        desired.getDecision(),
        desired.getFamily(),
        desired.getManifest(),
        desired.getRung(),
        desired.getReason(),
        new Permit(desired.getRelease(), desired.getRostersList()));
  }

  /**
   * Reads what a trial is to be made of.
   *
   * @throws MalformedException if a field cannot be what it should be
   */
  public static Assignment of(Shadow shadow) throws MalformedException {
    check(shadow.getManifest(), shadow.getRung());
    if (!(shadow.getShare() > 0 && shadow.getShare() <= 1)) {
      throw new MalformedException(
          "share: " + shadow.getShare() + " (expected: above 0, at most 1)");
    }
    return new Assignment(
        0,
        shadow.getFamily(),
        shadow.getManifest(),
        shadow.getRung(),
        "",
        new Permit(shadow.getRelease(), shadow.getRostersList()));
  }

  private static void check(Blob manifest, int rung) throws MalformedException {
    if (manifest.getSha256().size() != Digest.LENGTH) {
      throw new MalformedException(
          "manifest.sha256: %d bytes (expected: %d)"
              .formatted(manifest.getSha256().size(), Digest.LENGTH));
    }
    if (manifest.getSizeBytes() < 1 || manifest.getSizeBytes() > Manifests.MAX_BYTES) {
      throw new MalformedException(
          "manifest.size_bytes: %s (expected: 1..%d)"
              .formatted(Long.toUnsignedString(manifest.getSizeBytes()), Manifests.MAX_BYTES));
    }
    if (rung < 1) {
      throw new MalformedException("rung: " + Integer.toUnsignedString(rung));
    }
  }

  /** The same for another rung. */
  public Assignment at(int other) {
    return new Assignment(decision, family, manifest, other, reason, permit);
  }

  /** What the device serves once this is done. */
  public HeirIdentity heir() {
    return new HeirIdentity(family, Digest.of(manifest), rung);
  }
}
