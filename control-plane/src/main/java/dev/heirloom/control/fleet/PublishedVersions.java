package dev.heirloom.control.fleet;

import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.rollout.Versions;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;

/** What rollouts do with the versions in the catalogue and with their releases. */
final class PublishedVersions implements Versions {
  private final DirectoryCatalogue catalogue;
  private final ReleaseDesk releases;
  private final Twins twins;
  private final Executor blocking;

  PublishedVersions(
      DirectoryCatalogue catalogue, ReleaseDesk releases, Twins twins, Executor blocking) {
    this.catalogue = catalogue;
    this.releases = releases;
    this.twins = twins;
    this.blocking = blocking;
  }

  @Override
  public CompletionStage<Done> permit(Digest manifest) {
    return later(
        () -> {
          releases.permit(published(manifest));
          return Done.getInstance();
        });
  }

  @Override
  public CompletionStage<Done> makeCurrent(Digest manifest, Digest before) {
    return later(
        () -> {
          PublishedFamily family = published(manifest);
          boolean news = !catalogue.isCurrent(family);
          Optional<PublishedFamily> current = catalogue.current(family.name());
          if (news && current.filter(now -> !now.manifest().equals(before)).isPresent()) {
            throw new IOException(
                "version %s became the current one of %s meanwhile"
                    .formatted(current.get().manifest().brief(), family.name()));
          }
          releases.permit(family);
          catalogue.makeCurrent(manifest);
          if (news) {
            twins.published(family);
          }
          return Done.getInstance();
        });
  }

  private PublishedFamily published(Digest manifest) throws IOException {
    return catalogue
        .find(manifest)
        .orElseThrow(() -> new IOException("version " + manifest.brief() + " is not published"));
  }

  private CompletionStage<Done> later(Callable<Done> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        blocking);
  }
}
