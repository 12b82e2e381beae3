package dev.heirloom.control.grpc;

import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.proto.v1.GetManifestResponse;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;

/** Manifests with what permits to install them. */
final class ManifestAnswers {
  private final ReleaseDesk releases;

  ManifestAnswers(ReleaseDesk releases) {
    this.releases = releases;
  }

  /** A version's manifest, its release and the keys; may sign and write, so it blocks. */
  GetManifestResponse of(DirectoryCatalogue.Entry entry) throws IOException, MalformedException {
    GetManifestResponse.Builder answer =
        GetManifestResponse.newBuilder()
            .setManifestSha256(entry.family().manifest().bytes())
            .setManifest(entry.bytes())
            .addAllRosters(releases.rostersAfter(0));
    releases
        .of(entry.family().manifest())
        .ifPresent(release -> answer.setRelease(release.signed()));
    return answer.build();
  }
}
