package dev.heirloom.control;

import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.fleet.VersionsInUse;
import dev.heirloom.control.store.Collected;
import dev.heirloom.control.store.Collector;
import dev.heirloom.control.store.DirectoryCatalogue.Entry;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what is unused, one round at a time; whoever asks during a round gets another after it.
 */
final class CollectionRounds {
  private static final Logger LOG = LoggerFactory.getLogger(CollectionRounds.class);

  private final Collector collector;
  private final VersionsInUse inUse;
  private final Meters meters;
  private final Executor blocking;
  private boolean running;
  private boolean asked;

  CollectionRounds(Collector collector, VersionsInUse inUse, Meters meters, Executor blocking) {
    this.collector = collector;
    this.inUse = inUse;
    this.meters = meters;
    this.blocking = blocking;
  }

  /** Asks for a round; returns at once. */
  synchronized void ask() {
    if (running) {
      asked = true;
      return;
    }
    running = true;
    CompletionStage<Question> question =
        CompletableFuture.supplyAsync(collector::superseded, blocking).thenCompose(this::needed);
    question
        .thenAcceptAsync(this::collect, blocking)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                LOG.warn("unused blobs were not collected: {}", failure.toString());
              }
              ended();
            });
  }

  private synchronized void ended() {
    running = false;
    if (asked) {
      asked = false;
      ask();
    }
  }

  private record Question(List<Entry> superseded, Set<Digest> inUse) {}

  private CompletionStage<Question> needed(List<Entry> superseded) {
    if (superseded.isEmpty()) {
      return CompletableFuture.completedFuture(new Question(superseded, Set.of()));
    }
    return inUse
        .ask()
        .thenApply(versions -> new Question(superseded, versions))
        .exceptionally(
            failure -> {
              LOG.warn(
                  "every version is kept: what devices need is not known: {}", failure.toString());
              return new Question(List.of(), Set.of());
            });
  }

  private void collect(Question question) {
    try {
      Collected collected = collector.collect(question.superseded(), question.inUse());
      meters.collected(collected.bytes(), collected.storedBytes());
      if (!collected.nothing()) {
        LOG.info(
            "collected {} bytes: {} blobs, {} broken transfers, versions: {}",
            collected.bytes(),
            collected.blobs(),
            collected.partials(),
            collected.versions().isEmpty()
                ? "none"
                : collected.versions().stream()
                    .map(version -> version.name() + " " + version.manifest().brief())
                    .collect(Collectors.joining(", ")));
      }
    } catch (IOException e) {
      LOG.warn("unused blobs were not collected: {}", e.toString());
    }
  }
}
