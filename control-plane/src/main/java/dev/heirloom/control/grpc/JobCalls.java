package dev.heirloom.control.grpc;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.job.JobFile;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.actors.job.JobSpec;
import dev.heirloom.actors.job.JobState;
import dev.heirloom.actors.job.JobStatus;
import dev.heirloom.actors.job.SampleSet;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.control.store.StoredFile;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.control.trainer.JobOptions;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.ListJobsResponse;
import dev.heirloom.proto.v1.RemoveFileResponse;
import dev.heirloom.proto.v1.SampleFiles;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.javadsl.Source;
import org.jspecify.annotations.Nullable;

/** What operators ask about jobs, and about the files that jobs need. */
final class JobCalls {
  private static final int MOST_PRIORITY = 100;
  private static final int MOST_ATTEMPTS = 100;
  private static final int USUAL_ATTEMPTS = 3;
  private static final int MOST_LISTED = 1000;
  private static final int USUALLY_LISTED = 100;

  private final JobDesk desk;
  private final UploadedFiles files;
  private final DirectoryCatalogue catalogue;
  private final ReleaseDesk releases;
  private final Executor blocking;

  JobCalls(
      JobDesk desk,
      UploadedFiles files,
      DirectoryCatalogue catalogue,
      ReleaseDesk releases,
      Executor blocking) {
    this.desk = desk;
    this.files = files;
    this.catalogue = catalogue;
    this.releases = releases;
    this.blocking = blocking;
  }

  /** Puts a job into the queue and follows it. */
  Source<dev.heirloom.proto.v1.Job, NotUsed> inherit(InheritRequest request) {
    JobSpec spec = spec(request);
    int priority = within("priority", request.getPriority(), -MOST_PRIORITY, MOST_PRIORITY);
    int attempts =
        request.getAttempts() == 0
            ? USUAL_ATTEMPTS
            : within("attempts", request.getAttempts(), 1, MOST_ATTEMPTS);
    CompletionStage<Job> submitted =
        queued(spec, replyTo -> new JobQueue.Submit(spec, priority, attempts, replyTo));
    return Source.completionStage(submitted)
        .flatMapConcat(desk::watch)
        .take(request.getDetached() ? 1 : Long.MAX_VALUE)
        .map(JobMessages::job);
  }

  /** Has a job wait for a trainer, unless it could not come to anything. */
  private CompletionStage<Job> queued(
      JobSpec spec, Function<ActorRef<StatusReply<Job>>, JobQueue.Command> command) {
    // What it needs is not removed before the queue knows that it is needed.
    BlobClaims.Hold hold =
        files.claims().hold(spec.files().map(file -> Digest.parse(file.sha256())).toList());
    return Blocking.call(blocking, () -> workable(spec))
        .thenCompose(workable -> desk.ask(command))
        .whenComplete((job, failure) -> hold.close());
  }

  private JobSpec workable(JobSpec spec) throws IOException, MalformedException {
    if (!releases.signs()) {
      throw Failures.refused(
          "this control plane has no release key, so that it could not publish what a job makes:"
              + " 'heirloom inherit', 'sign' and 'publish' do without");
    }
    for (JobFile family : spec.ladder()) {
      bring(family);
    }
    for (JobFile file : spec.uploads().toList()) {
      Digest digest = Digest.parse(file.sha256());
      if (!files.blobs().has(digest)) {
        throw Failures.refused(
            file.name() + " (" + digest.brief() + ") was removed: upload the same file again");
      }
    }
    return spec;
  }

  /** Puts the manifest that a job takes its ranks from where trainers fetch files. */
  private void bring(JobFile family) throws IOException {
    Digest digest = Digest.parse(family.sha256());
    if (!files.blobs().has(digest)) {
      DirectoryCatalogue.Entry entry =
          catalogue
              .findEntry(digest)
              .orElseThrow(
                  () ->
                      Failures.refused(
                          "version %s of %s, whose ranks it takes, is gone: submit another job"
                              .formatted(digest.brief(), family.name())));
      files.blobs().put(entry.bytes().toByteArray());
    }
  }

  private JobSpec spec(InheritRequest request) {
    JobFile teacher = file("teacher", request.getTeacher(), true);
    SampleSet train = data("train", request.getTrain());
    SampleSet validate = data("validate", request.getValidate());
    try {
      JobOptions.parse(request.getOptionsMap()).check();
      return new JobSpec(
          teacher,
          train,
          validate,
          ladder(request.getOptionsMap().get(JobOptions.LADDER_OF)),
          request.getNormalizeList(),
          request.getOptionsMap());
    } catch (IllegalArgumentException e) {
      throw Failures.invalid("options", String.valueOf(e.getMessage()));
    }
  }

  /** The current version of a family, by its manifest. */
  private List<JobFile> ladder(@Nullable String family) {
    if (family == null) {
      return List.of();
    }
    DirectoryCatalogue.Entry entry =
        catalogue
            .currentEntry(Incoming.name("options." + JobOptions.LADDER_OF, family))
            .orElseThrow(() -> Failures.notFound("family", family));
    String sha256 = entry.family().manifest().hex();
    return List.of(new JobFile(family, sha256, entry.bytes().size()));
  }

  private SampleSet data(String field, SampleFiles data) {
    List<JobFile> named = new ArrayList<>();
    for (String name : data.getFilesList()) {
      named.add(file(field + ".files", name, false));
    }
    try {
      return new SampleSet(data.getFormat(), named);
    } catch (IllegalArgumentException e) {
      throw Failures.invalid(field, String.valueOf(e.getMessage()));
    }
  }

  private JobFile file(String field, String name, boolean teacher) {
    StoredFile found =
        files
            .find(Incoming.name(field, name))
            .orElseThrow(() -> Failures.notFound("uploaded file", name));
    if (found.teacher() != teacher) {
      throw Failures.invalid(field, name + " was uploaded as " + (teacher ? "data" : "a teacher"));
    }
    return new JobFile(found.name(), found.digest().hex(), found.sizeBytes());
  }

  private static int within(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw Failures.invalid(field, value + " (expected: " + least + ".." + most + ")");
    }
    return value;
  }

  CompletionStage<ListJobsResponse> list(int limit) {
    int most = limit == 0 ? USUALLY_LISTED : within("limit", limit, 1, MOST_LISTED);
    return desk.refresh()
        .thenApply(
            board -> {
              List<JobStatus> newest = new ArrayList<>(board.all());
              Collections.reverse(newest);
              return ListJobsResponse.newBuilder()
                  .addAllJobs(newest.stream().limit(most).map(JobMessages::job).toList())
                  .build();
            });
  }

  CompletionStage<dev.heirloom.proto.v1.Job> get(String id) {
    return status(id).thenApply(JobMessages::job);
  }

  /** A job that is there, until it has ended. */
  Source<dev.heirloom.proto.v1.Job, NotUsed> watch(String id) {
    return Source.completionStage(status(id))
        .flatMapConcat(status -> desk.watch(status.job()))
        .map(JobMessages::job);
  }

  private CompletionStage<JobStatus> status(String id) {
    return desk.refresh().thenApply(board -> found(board, id));
  }

  private static JobStatus found(JobBoard board, String id) {
    return board.find(id).orElseThrow(() -> Failures.notFound("job", id));
  }

  CompletionStage<dev.heirloom.proto.v1.Job> cancel(String id, String reason) {
    if (reason.length() > MOST_LISTED) {
      throw Failures.invalid("reason", "too long (expected: at most 1000 characters)");
    }
    return status(id)
        .thenCompose(
            there -> desk.ask(reply -> new JobQueue.Cancel(id, Incoming.line(reason), reply)))
        .thenApply(JobCalls::message);
  }

  CompletionStage<dev.heirloom.proto.v1.Job> retry(String id) {
    return status(id)
        .thenCompose(
            there -> {
              JobState state = there.job().state();
              Function<ActorRef<StatusReply<Job>>, JobQueue.Command> again =
                  replyTo -> new JobQueue.Retry(id, replyTo);
              return state == JobState.FAILED || state == JobState.CANCELLED
                  ? queued(there.job().spec(), again)
                  : desk.ask(again);
            })
        .thenApply(JobCalls::message);
  }

  CompletionStage<dev.heirloom.proto.v1.Job> prioritise(String id, int priority) {
    int wanted = within("priority", priority, -MOST_PRIORITY, MOST_PRIORITY);
    return status(id)
        .thenCompose(there -> desk.ask(reply -> new JobQueue.Prioritise(id, wanted, reply)))
        .thenApply(JobCalls::message);
  }

  private static dev.heirloom.proto.v1.Job message(Job job) {
    return JobMessages.job(new JobStatus(job, JobProgress.NONE));
  }

  /** Removes a file that no job needs any more. */
  CompletionStage<RemoveFileResponse> remove(String name) {
    StoredFile file =
        files
            .find(Incoming.name("name", name))
            .orElseThrow(() -> Failures.notFound("uploaded file", name));
    return desk.refresh()
        .thenCompose(
            board -> {
              Optional<Job> needing =
                  board.jobs().jobs().stream()
                      .filter(job -> !job.state().ended() && needs(job, file.name()))
                      .findFirst();
              if (needing.isPresent()) {
                throw Failures.refused(name + " is needed by " + needing.get().id());
              }
              return Blocking.call(blocking, () -> removed(file));
            });
  }

  private RemoveFileResponse removed(StoredFile file) throws IOException {
    files.remove(file.name());
    files.collect(() -> JobDesk.needed(desk.board()));
    return RemoveFileResponse.getDefaultInstance();
  }

  private static boolean needs(Job job, String name) {
    return job.spec().uploads().anyMatch(needed -> needed.name().equals(name));
  }
}
