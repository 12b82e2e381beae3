package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobFile;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobState;
import dev.heirloom.actors.job.JobStatus;
import dev.heirloom.actors.job.Lease;
import dev.heirloom.actors.job.SampleSet;
import dev.heirloom.actors.job.Standing;
import dev.heirloom.control.store.StoredFile;
import dev.heirloom.control.trainer.JobOptions;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.SampleFiles;
import dev.heirloom.proto.v1.WorkAnswer;
import dev.heirloom.proto.v1.WorkFile;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Jobs and files as messages. */
final class JobMessages {
  private JobMessages() {}

  static dev.heirloom.proto.v1.StoredFile file(StoredFile file) {
    return dev.heirloom.proto.v1.StoredFile.newBuilder()
        .setName(file.name())
        .setKind(file.teacher() ? FileKind.FILE_KIND_TEACHER : FileKind.FILE_KIND_DATA)
        .setSha256(file.digest().bytes())
        .setSizeBytes(file.sizeBytes())
        .setUploadedAtMs(file.uploadedMs())
        .setLayers(file.layers())
        .build();
  }

  static dev.heirloom.proto.v1.Job job(JobStatus status) {
    Job job = status.job();
    dev.heirloom.proto.v1.Job.Builder message =
        dev.heirloom.proto.v1.Job.newBuilder()
            .setId(job.id())
            .setTeacher(job.spec().teacher().name())
            .setState(state(job.state()))
            .setPriority(job.priority())
            .setAttempt(job.attempt())
            .setFruitless(job.fruitless())
            .setAttempts(job.attempts())
            .setTrainer(job.trainer())
            .setSubmittedAtMs(job.submittedMs())
            .setChangedAtMs(job.changedMs())
            .setReason(job.reason())
            .setFamily(job.family())
            .setManifestSha256(bytes(job.manifest()))
            .setTrain(data(job.spec().train()))
            .setValidate(data(job.spec().validate()))
            .putAllOptions(job.spec().options())
            .setPublishing(job.publishing());
    if (!status.progress().equals(JobProgress.NONE)) {
      message.setProgress(progress(status.progress()));
    }
    return message.build();
  }

  private static dev.heirloom.proto.v1.JobState state(JobState state) {
    return switch (state) {
      case QUEUED -> dev.heirloom.proto.v1.JobState.JOB_STATE_QUEUED;
      case CALIBRATING -> dev.heirloom.proto.v1.JobState.JOB_STATE_CALIBRATING;
      case FACTORING -> dev.heirloom.proto.v1.JobState.JOB_STATE_FACTORING;
      case FINE_TUNING -> dev.heirloom.proto.v1.JobState.JOB_STATE_FINE_TUNING;
      case EVALUATING -> dev.heirloom.proto.v1.JobState.JOB_STATE_EVALUATING;
      case PUBLISHED -> dev.heirloom.proto.v1.JobState.JOB_STATE_PUBLISHED;
      case FAILED -> dev.heirloom.proto.v1.JobState.JOB_STATE_FAILED;
      case CANCELLED -> dev.heirloom.proto.v1.JobState.JOB_STATE_CANCELLED;
    };
  }

  private static SampleFiles data(SampleSet data) {
    return SampleFiles.newBuilder()
        .setFormat(data.format())
        .addAllFiles(data.files().stream().map(JobFile::name).toList())
        .build();
  }

  private static dev.heirloom.proto.v1.JobProgress progress(JobProgress progress) {
    return dev.heirloom.proto.v1.JobProgress.newBuilder()
        .setStage(progress.stage())
        .setDone(progress.done())
        .setTotal(progress.total())
        .setLoss(progress.loss())
        .setKeptSteps(progress.keptSteps())
        .setTrainedSteps(progress.trainedSteps())
        .setLeftMs(progress.leftMs())
        .setNote(progress.note())
        .build();
  }

  static JobProgress progress(dev.heirloom.proto.v1.JobProgress message) {
    try {
      return new JobProgress(
          Incoming.line(message.getStage()),
          message.getDone(),
          message.getTotal(),
          Double.isFinite(message.getLoss()) ? message.getLoss() : 0,
          message.getKeptSteps(),
          message.getTrainedSteps(),
          message.getLeftMs(),
          Incoming.line(message.getNote()));
    } catch (IllegalArgumentException e) {
      throw Failures.invalid("progress", String.valueOf(e.getMessage()));
    }
  }

  static Lease lease(WorkLease message) {
    return new Lease(
        message.getJob(), message.getAttempt(), message.getTrainer(), message.getKey());
  }

  private static WorkLease lease(Lease lease) {
    return WorkLease.newBuilder()
        .setJob(lease.job())
        .setAttempt(lease.attempt())
        .setTrainer(lease.trainer())
        .setKey(lease.key())
        .build();
  }

  static WorkOrder order(Job job) {
    Map<String, String> options = new TreeMap<>(job.spec().options());
    // What becomes of the family is not the trainer's to know.
    options.remove(JobOptions.HOLD);
    WorkOrder.Builder order = WorkOrder.newBuilder();
    job.spec().ladder().forEach(family -> order.setLadder(workFile(family)));
    return order
        .setLease(lease(job.lease()))
        .setTeacher(workFile(job.spec().teacher()))
        .setTrainFormat(job.spec().train().format())
        .addAllTrain(workFiles(job.spec().train()))
        .setValidateFormat(job.spec().validate().format())
        .addAllValidate(workFiles(job.spec().validate()))
        .addAllNormalize(job.spec().normalize())
        .putAllOptions(options)
        .build();
  }

  private static List<WorkFile> workFiles(SampleSet data) {
    return data.files().stream().map(JobMessages::workFile).toList();
  }

  private static WorkFile workFile(JobFile file) {
    return WorkFile.newBuilder()
        .setName(file.name())
        .setSha256(bytes(file.sha256()))
        .setSizeBytes(file.sizeBytes())
        .build();
  }

  static WorkAnswer answer(Standing standing) {
    return WorkAnswer.newBuilder().setGoOn(standing.goOn()).setReason(standing.reason()).build();
  }

  static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
