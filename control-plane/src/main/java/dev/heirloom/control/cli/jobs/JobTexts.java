package dev.heirloom.control.cli.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobProgress;
import dev.heirloom.proto.v1.JobState;
import dev.heirloom.proto.v1.StoredFile;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Teachers, data and jobs as people and programs read them. */
final class JobTexts {
  private static final int BRIEF = 12;
  private static final double MS_PER_SECOND = 1000;

  private JobTexts() {}

  static Table files(List<StoredFile> files) {
    Table table = new Table("name", "kind", "size", "layers", "sha-256", "uploaded");
    for (StoredFile file : files) {
      boolean teacher = file.getKind() == FileKind.FILE_KIND_TEACHER;
      table.row(
          file.getName(),
          teacher ? "teacher" : "data",
          Figures.bytes(file.getSizeBytes()),
          teacher ? Integer.toString(file.getLayers()) : "",
          hex(file.getSha256()).substring(0, BRIEF),
          time(file.getUploadedAtMs()));
    }
    return table;
  }

  static ObjectNode json(StoredFile file) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", file.getName())
        .put("kind", file.getKind() == FileKind.FILE_KIND_TEACHER ? "teacher" : "data")
        .put("bytes", file.getSizeBytes())
        .put("layers", file.getLayers())
        .put("sha256", hex(file.getSha256()))
        .put("uploaded_at", time(file.getUploadedAtMs()));
  }

  static Table jobs(List<Job> jobs) {
    Table table =
        new Table(
            "job", "teacher", "state", "progress", "trainer", "priority", "attempt", "changed");
    for (Job job : jobs) {
      table.row(
          job.getId(),
          job.getTeacher(),
          state(job.getState()),
          progress(job),
          job.getTrainer(),
          Integer.toString(job.getPriority()),
          Integer.toString(job.getAttempt()),
          time(job.getChangedAtMs()));
    }
    return table;
  }

  /** One line of a job that is watched. */
  static String line(Job job) {
    return state(job) + left(job);
  }

  /** The same without what changes by itself. */
  static String state(Job job) {
    String progress = done(job);
    return job.getId()
        + "  "
        + state(job.getState())
        + (progress.isEmpty() ? "" : ", " + progress)
        + (job.getReason().isEmpty() ? "" : ": " + job.getReason());
  }

  /** Everything about one job, a line each. */
  static Table details(Job job) {
    Table table = new Table("", "");
    table.row("job", job.getId());
    table.row("state", state(job.getState()));
    table.row("teacher", job.getTeacher());
    table.row("train", String.join(", ", job.getTrain().getFilesList()));
    table.row("validate", String.join(", ", job.getValidate().getFilesList()));
    job.getOptionsMap().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(option -> table.row("--" + option.getKey(), option.getValue()));
    table.row("priority", Integer.toString(job.getPriority()));
    table.row("attempt", Integer.toString(job.getAttempt()));
    table.row("fruitless in a row", job.getFruitless() + " of " + job.getAttempts());
    table.row("trainer", job.getTrainer());
    table.row("submitted", time(job.getSubmittedAtMs()));
    table.row("changed", time(job.getChangedAtMs()));
    table.row("progress", progress(job));
    table.row("reason", job.getReason());
    table.row(
        "family",
        job.getFamily().isEmpty()
            ? ""
            : job.getFamily() + " (" + hex(job.getManifestSha256()).substring(0, BRIEF) + ")");
    return table;
  }

  static ObjectNode json(Job job) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", job.getId())
            .put("teacher", job.getTeacher())
            .put("state", state(job.getState()))
            .put("priority", job.getPriority())
            .put("attempt", job.getAttempt())
            .put("fruitless", job.getFruitless())
            .put("attempts", job.getAttempts())
            .put("trainer", job.getTrainer())
            .put("submitted_at", time(job.getSubmittedAtMs()))
            .put("changed_at", time(job.getChangedAtMs()))
            .put("reason", job.getReason())
            .put("family", job.getFamily())
            .put("manifest_sha256", hex(job.getManifestSha256()));
    job.getTrain().getFilesList().forEach(file -> node.withArray("train").add(file));
    job.getValidate().getFilesList().forEach(file -> node.withArray("validate").add(file));
    ObjectNode options = node.putObject("options");
    job.getOptionsMap().forEach(options::put);
    if (job.hasProgress()) {
      JobProgress progress = job.getProgress();
      node.putObject("progress")
          .put("stage", progress.getStage())
          .put("done", progress.getDone())
          .put("total", progress.getTotal())
          .put("loss", Figures.rounded(progress.getLoss()))
          .put("kept_steps", progress.getKeptSteps())
          .put("trained_steps", progress.getTrainedSteps())
          .put("left_ms", progress.getLeftMs())
          .put("note", progress.getNote());
    }
    return node;
  }

  static String state(JobState state) {
    return state.name().substring("JOB_STATE_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String progress(Job job) {
    return done(job) + left(job);
  }

  private static String left(Job job) {
    long ms = job.getProgress().getLeftMs();
    return ms == 0 ? "" : ", " + Figures.clock(Math.round(ms / MS_PER_SECOND)) + " left";
  }

  private static String done(Job job) {
    if (!job.hasProgress()) {
      return job.getFamily();
    }
    JobProgress progress = job.getProgress();
    return progress.getTotal() == 0
        ? progress.getStage()
        : progress.getStage()
            + " "
            + amount(progress, progress.getDone())
            + " of "
            + amount(progress, progress.getTotal());
  }

  private static String amount(JobProgress progress, long count) {
    return List.of("fetch", "publish").contains(progress.getStage())
        ? Figures.bytes(count)
        : Long.toString(count);
  }

  private static String time(long ms) {
    return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
