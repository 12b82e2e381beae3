package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.control.store.FamilyIntake;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.CancelJobRequest;
import dev.heirloom.proto.v1.GetJobRequest;
import dev.heirloom.proto.v1.GetUploadRequest;
import dev.heirloom.proto.v1.GetUploadResponse;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.ListFilesRequest;
import dev.heirloom.proto.v1.ListFilesResponse;
import dev.heirloom.proto.v1.ListJobsRequest;
import dev.heirloom.proto.v1.ListJobsResponse;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.OfferRequest;
import dev.heirloom.proto.v1.OfferResponse;
import dev.heirloom.proto.v1.PrioritiseJobRequest;
import dev.heirloom.proto.v1.PublishRequest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.RemoveFileRequest;
import dev.heirloom.proto.v1.RemoveFileResponse;
import dev.heirloom.proto.v1.RetryJobRequest;
import dev.heirloom.proto.v1.StoredFile;
import dev.heirloom.proto.v1.TeachersGrpc;
import dev.heirloom.proto.v1.UploadRequest;
import dev.heirloom.proto.v1.WatchJobRequest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.apache.pekko.stream.Materializer;

/** Brings families to the control plane, and teachers and data to make families of. */
final class TeachersService extends TeachersGrpc.TeachersImplBase {
  private final PublishFlow publish;
  private final UploadFlow uploads;
  private final JobCalls jobs;
  private final UploadedFiles files;
  private final BlobStore blobs;
  private final Executor blocking;
  private final Materializer materializer;

  TeachersService(
      PublishFlow publish,
      UploadFlow uploads,
      JobCalls jobs,
      UploadedFiles files,
      BlobStore blobs,
      Executor blocking,
      Materializer materializer) {
    this.publish = publish;
    this.uploads = uploads;
    this.jobs = jobs;
    this.files = files;
    this.blobs = blobs;
    this.blocking = blocking;
    this.materializer = materializer;
  }

  @Override
  public void offer(OfferRequest request, StreamObserver<OfferResponse> call) {
    Answers.later(call, () -> Blocking.call(blocking, () -> missing(request.getManifest())));
  }

  private OfferResponse missing(ByteString bytes) throws IOException, MalformedException {
    Manifest manifest = PublishCall.manifest(bytes);
    OfferResponse.Builder answer = OfferResponse.newBuilder();
    for (Blob blob : FamilyIntake.missing(manifest, blobs)) {
      answer.addMissing(blob.getSha256());
    }
    return answer.build();
  }

  @Override
  public StreamObserver<PublishRequest> publish(StreamObserver<PublishResponse> call) {
    return Answers.streams(call, materializer, publish::flow);
  }

  @Override
  public StreamObserver<UploadRequest> upload(StreamObserver<StoredFile> call) {
    return Answers.streams(call, materializer, uploads::flow);
  }

  @Override
  public void getUpload(GetUploadRequest request, StreamObserver<GetUploadResponse> call) {
    Answers.later(
        call,
        () -> {
          Digest digest = Incoming.digest("sha256", request.getSha256());
          return Blocking.call(
              blocking,
              () ->
                  GetUploadResponse.newBuilder()
                      .setArrivedBytes(files.arrived(digest, request.getSizeBytes()))
                      .build());
        });
  }

  @Override
  public void listFiles(ListFilesRequest request, StreamObserver<ListFilesResponse> call) {
    Answers.now(
        call,
        () ->
            ListFilesResponse.newBuilder()
                .addAllFiles(files.list().stream().map(JobMessages::file).toList())
                .build());
  }

  @Override
  public void removeFile(RemoveFileRequest request, StreamObserver<RemoveFileResponse> call) {
    Answers.later(call, () -> jobs.remove(request.getName()));
  }

  @Override
  public void inherit(InheritRequest request, StreamObserver<Job> call) {
    Answers.stream(call, materializer, () -> jobs.inherit(request));
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> call) {
    Answers.later(call, () -> jobs.list(request.getLimit()));
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<Job> call) {
    Answers.later(call, () -> jobs.get(request.getId()));
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<Job> call) {
    Answers.stream(call, materializer, () -> jobs.watch(request.getId()));
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<Job> call) {
    Answers.later(call, () -> jobs.cancel(request.getId(), request.getReason()));
  }

  @Override
  public void retryJob(RetryJobRequest request, StreamObserver<Job> call) {
    Answers.later(call, () -> jobs.retry(request.getId()));
  }

  @Override
  public void prioritiseJob(PrioritiseJobRequest request, StreamObserver<Job> call) {
    Answers.later(call, () -> jobs.prioritise(request.getId(), request.getPriority()));
  }
}
