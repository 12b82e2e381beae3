package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.CancelJobRequest;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.GetJobRequest;
import dev.heirloom.proto.v1.GetUploadRequest;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.PrioritiseJobRequest;
import dev.heirloom.proto.v1.RemoveFileRequest;
import dev.heirloom.proto.v1.RetryJobRequest;
import dev.heirloom.proto.v1.SampleFiles;
import dev.heirloom.proto.v1.UploadBegin;
import dev.heirloom.proto.v1.UploadPiece;
import dev.heirloom.proto.v1.UploadRequest;
import dev.heirloom.proto.v1.WatchJobRequest;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkFetch;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOffer;
import dev.heirloom.proto.v1.WorkPublish;
import dev.heirloom.proto.v1.WorkReport;
import dev.heirloom.runtime.family.Digest;
import java.util.Optional;

/** What well-behaved clients would send about files, jobs and the work on them. */
final class SoundJobs {
  private static final String JOB = "job-1";
  private static final String NAME = SoundRequests.PREFIX + "file.npz";
  private static final ByteString FILE = ByteString.copyFrom(new byte[1000]);

  private SoundJobs() {}

  /**
   * A sound request of a method; where it takes a stream, its first message.
   *
   * @param manifest of a family that is never published
   * @return empty where the method is about something else
   */
  static Optional<Message> first(String method, ByteString manifest) {
    return Optional.ofNullable(
        switch (method.substring(method.lastIndexOf('.') + 1)) {
          case "Teachers/Upload" -> upload();
          case "Teachers/GetUpload" ->
              GetUploadRequest.newBuilder().setSha256(digest()).setSizeBytes(FILE.size()).build();
          case "Teachers/RemoveFile" -> RemoveFileRequest.newBuilder().setName(NAME).build();
          case "Teachers/Inherit" ->
              InheritRequest.newBuilder()
                  .setTeacher(NAME)
                  .setTrain(SampleFiles.newBuilder().addFiles(NAME))
                  .putOptions("steps", "10")
                  .setDetached(true)
                  .build();
          case "Teachers/GetJob" -> GetJobRequest.newBuilder().setId(JOB).build();
          case "Teachers/WatchJob" -> WatchJobRequest.newBuilder().setId(JOB).build();
          case "Teachers/CancelJob" -> CancelJobRequest.newBuilder().setId(JOB).build();
          case "Teachers/RetryJob" -> RetryJobRequest.newBuilder().setId(JOB).build();
          case "Teachers/PrioritiseJob" ->
              PrioritiseJobRequest.newBuilder().setId(JOB).setPriority(3).build();
          case "Trainers/Report" -> WorkReport.newBuilder().setLease(lease()).build();
          case "Trainers/End" ->
              WorkEnd.newBuilder()
                  .setLease(lease())
                  .setOutcome(WorkEnd.Outcome.OUTCOME_RELEASED)
                  .build();
          case "Trainers/Fetch" ->
              WorkFetch.newBuilder()
                  .setLease(lease())
                  .setBlob(BlobRange.newBuilder().setSha256(digest()))
                  .build();
          case "Trainers/Offer" ->
              WorkOffer.newBuilder().setLease(lease()).setManifest(manifest).build();
          case "Trainers/Publish" -> WorkPublish.newBuilder().setLease(lease()).build();
          default -> null;
        });
  }

  private static UploadRequest upload() {
    return UploadRequest.newBuilder()
        .setBegin(
            UploadBegin.newBuilder()
                .setName(NAME)
                .setKind(FileKind.FILE_KIND_DATA)
                .setSha256(digest())
                .setSizeBytes(FILE.size()))
        .build();
  }

  private static ByteString digest() {
    return Digest.of(FILE.toByteArray()).bytes();
  }

  /** A piece of the file that is uploaded, or one beside it. */
  static UploadRequest piece(long offset) {
    return UploadRequest.newBuilder()
        .setPiece(
            UploadPiece.newBuilder()
                .setOffsetBytes(offset)
                .setContent(FILE.substring(0, FILE.size() / 2)))
        .build();
  }

  private static WorkLease lease() {
    return WorkLease.newBuilder()
        .setJob(JOB)
        .setAttempt(1)
        .setTrainer(SoundRequests.PREFIX + "trainer")
        .setKey("0".repeat(32))
        .build();
  }
}
