package dev.heirloom.edge;

import dev.heirloom.edge.report.WindowRecorder;
import dev.heirloom.edge.serving.InService;
import dev.heirloom.edge.serving.Tenure;
import dev.heirloom.edge.slot.Assignment;
import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.edge.slot.FetchTally;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.edge.slot.HeirInstaller;
import dev.heirloom.edge.slot.InstallException;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Takes an assignment from its first missing byte to an heir in service. A request that is being
 * answered meanwhile ends on the old heir. Everything here blocks; one thread at a time.
 */
final class Installation {
  private static final long DRAIN_SECONDS = 30;

  private final HeirInstaller installer;
  private final InService inService;
  private final Announcer announcer;

  Installation(HeirInstaller installer, InService inService, Announcer announcer) {
    this.installer = installer;
    this.inService = inService;
    this.announcer = announcer;
  }

  /** How an attempt ended. */
  sealed interface Result {
    /**
     * The heir is in service.
     *
     * @param lastOfOld the old heir's last window, if there is anything in it
     */
    record Installed(Outcome outcome, Optional<Window.Builder> lastOfOld) implements Result {}

    /** The old heir, if any, stays in service. */
    record Failed(Outcome outcome) implements Result {}

    /** The link failed on the way; what came is kept for the next try. */
    record Interrupted(String reason) implements Result {}
  }

  /** Version of the roster of keys that the device trusts; 0 where it trusts none yet. */
  long rosterVersion() {
    return installer.rosterVersion();
  }

  /** Puts the heir into service that is in force on disk, if there is one. */
  Optional<Heir> resume() throws IOException, MalformedException {
    Optional<Heir> heir = installer.resume();
    heir.ifPresent(found -> inService.swap(tenure(found)));
    return heir;
  }

  /**
   * Installs what is assigned. A device that serves nothing yet serves the smallest rung as soon as
   * that is there, while the rest arrives.
   *
   * @param tally adds up what the decision's fetches cost; the same one for every try
   * @param onTheWay is told what a smaller rung, once it serves, has cost so far
   */
  Result install(
      Assignment assignment, BlobFetcher fetcher, FetchTally tally, Consumer<Outcome> onTheWay) {
    try {
      HeirInstaller.Order order = installer.open(assignment, fetcher, tally);
      if (inService.heir().isEmpty() && order.hasStepBelow() && !installer.holds(order)) {
        serveLowest(order.lowest(), fetcher, tally).ifPresent(onTheWay);
      }
      HeirInstaller.Fetched fetched = installer.fetch(order, true, fetcher, tally);
      announcer.say(fetchedText(tally));
      Swapped swapped = swap(fetched);
      collect();
      Outcome outcome =
          outcome(assignment, tally)
              .setStatus(Outcome.Status.STATUS_INSTALLED)
              .setSwapMs(swapped.millis())
              .build();
      return new Result.Installed(outcome, swapped.old().flatMap(Installation::finish));
    } catch (FetchInterruptedException e) {
      return new Result.Interrupted(String.valueOf(e.getMessage()));
    } catch (InstallException e) {
      return new Result.Failed(
          failed(assignment, tally, e.check(), String.valueOf(e.getMessage())));
    }
  }

  /**
   * Brings what a trial is to be made of from its first missing byte to an open session.
   *
   * @return the caller closes it
   * @throws FetchInterruptedException if the link failed; what arrived is kept
   * @throws InstallException if anything is wrong with it
   */
  Heir rehearse(Assignment candidate, BlobFetcher fetcher)
      throws FetchInterruptedException, InstallException {
    return installer.rehearse(candidate, fetcher);
  }

  private void collect() {
    try {
      long freed = installer.collect();
      if (freed > 0) {
        announcer.say("removed %s that nothing needs any more".formatted(kilobytes(freed)));
      }
    } catch (IOException e) {
      announcer.say("what nothing needs any more cannot be removed: " + e.getMessage());
    }
  }

  /** Without the probe, which follows; a rung that fails here is none that the order asks for. */
  private Optional<Outcome> serveLowest(
      HeirInstaller.Order lowest, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException {
    try {
      Swapped swapped = swap(installer.fetch(lowest, false, fetcher, tally));
      return Optional.of(
          outcome(lowest.assignment(), tally)
              .setStatus(Outcome.Status.STATUS_ON_THE_WAY)
              .setSwapMs(swapped.millis())
              .build());
    } catch (InstallException e) {
      announcer.say(
          "%s does not serve on the way: %s: %s"
              .formatted(lowest.assignment().heir(), e.check().title(), e.getMessage()));
      return Optional.empty();
    }
  }

  /** A swap that was made: what was in service before, and the time that it took. */
  private record Swapped(Optional<Tenure> old, int millis) {}

  private Swapped swap(HeirInstaller.Fetched fetched)
      throws FetchInterruptedException, InstallException {
    long start = System.nanoTime();
    HeirInstaller.Prepared prepared = installer.prepare(fetched);
    try {
      installer.commit(prepared);
    } catch (InstallException e) {
      prepared.close();
      throw e;
    }
    Optional<Tenure> old = inService.swap(tenure(prepared.heir()));
    return new Swapped(old, (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  /** What is reported where an assignment came to nothing. */
  static Outcome failed(
      Assignment assignment, FetchTally tally, InstallException.Check check, String message) {
    return outcome(assignment, tally)
        .setStatus(Outcome.Status.STATUS_FAILED)
        .setFailedCheck(check.title())
        .setMessage(message)
        .build();
  }

  /** What is reported where an order cannot be what it should be. */
  static Outcome refused(Desired desired, String message) {
    return Outcome.newBuilder()
        .setDecision(desired.getDecision())
        .setFamily(desired.getFamily())
        .setManifestSha256(desired.getManifest().getSha256())
        .setRung(desired.getRung())
        .setStatus(Outcome.Status.STATUS_FAILED)
        .setFailedCheck(InstallException.Check.FETCH.title())
        .setMessage(message)
        .build();
  }

  /** What is reported where the heir that is assigned is in service already. */
  static Outcome alreadyServed(Assignment assignment) {
    return outcome(assignment, new FetchTally(assignment.decision()))
        .setStatus(Outcome.Status.STATUS_INSTALLED)
        .build();
  }

  private static Outcome.Builder outcome(Assignment assignment, FetchTally tally) {
    return Outcome.newBuilder()
        .setDecision(assignment.decision())
        .setFamily(assignment.family())
        .setManifestSha256(assignment.manifest().getSha256())
        .setRung(assignment.rung())
        .setWireBytes(tally.wireBytes())
        .setMissingBytes(tally.missingBytes())
        .setFetchMs((int) Math.min(tally.millis(), Integer.MAX_VALUE));
  }

  private static Tenure tenure(Heir heir) {
    return new Tenure(
        heir,
        new WindowRecorder(
            heir.identity(),
            heir.probeResult(),
            Source.SOURCE_TRAFFIC,
            System.currentTimeMillis(),
            System.nanoTime()));
  }

  /** Waits until the old heir has answered its last request, and takes its last window. */
  private static Optional<Window.Builder> finish(Tenure old) {
    try {
      old.retire().toCompletableFuture().get(DRAIN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // It is closed by whoever returns the last lease.
    }
    return old.recorder().isEmpty()
        ? Optional.empty()
        : Optional.of(old.recorder().roll(System.currentTimeMillis(), System.nanoTime()));
  }

  private static String fetchedText(FetchTally tally) {
    if (tally.missingBytes() == 0) {
      return "nothing to fetch: every part is on the device";
    }
    return "fetched %s of %s missing in %d blobs (%s on the wire)"
        .formatted(
            kilobytes(tally.contentBytes()),
            kilobytes(tally.missingBytes()),
            tally.missingBlobs(),
            kilobytes(tally.wireBytes()));
  }

  private static String kilobytes(long bytes) {
    return "%.1f KB".formatted(bytes / 1_000.0);
  }
}
