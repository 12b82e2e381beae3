package dev.heirloom.control.cli.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.CancelJobRequest;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.GetJobRequest;
import dev.heirloom.proto.v1.GetUploadRequest;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.ListFilesRequest;
import dev.heirloom.proto.v1.ListJobsRequest;
import dev.heirloom.proto.v1.PrioritiseJobRequest;
import dev.heirloom.proto.v1.RemoveFileRequest;
import dev.heirloom.proto.v1.RetryJobRequest;
import dev.heirloom.proto.v1.StoredFile;
import dev.heirloom.proto.v1.TeachersGrpc;
import dev.heirloom.proto.v1.UploadBegin;
import dev.heirloom.proto.v1.UploadPiece;
import dev.heirloom.proto.v1.UploadRequest;
import dev.heirloom.proto.v1.WatchJobRequest;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/** An operator's calls about teachers, data and jobs. */
public final class JobsClient {
  private static final Duration CALL = Duration.ofSeconds(15);
  private static final Duration UPLOAD = Duration.ofHours(6);
  private static final int PIECE_BYTES = 256 << 10;

  private final ControlPlaneClient plane;

  /**
   * @param plane stays the caller's
   */
  public JobsClient(ControlPlaneClient plane) {
    this.plane = plane;
  }

  /**
   * Brings a file to the control plane, from the byte where an earlier try ended.
   *
   * @param sent told the bytes that are there so far
   */
  public StoredFile upload(String name, FileKind kind, Path file, LongConsumer sent)
      throws ControlPlaneException, IOException, InterruptedException {
    ByteString digest = FileDigest.of(file);
    try (FileChannel content = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = content.size();
      long arrived =
          stub(CALL)
              .getUpload(GetUploadRequest.newBuilder().setSha256(digest).setSizeBytes(size).build())
              .getArrivedBytes();
      UploadBegin begin =
          UploadBegin.newBuilder()
              .setName(name)
              .setKind(kind)
              .setSha256(digest)
              .setSizeBytes(size)
              .build();
      return upload(content, begin, arrived, sent);
    } catch (StatusException e) {
      throw ControlPlaneException.of(plane.address(), e);
    }
  }

  private StoredFile upload(FileChannel content, UploadBegin begin, long arrived, LongConsumer sent)
      throws IOException, StatusException, InterruptedException {
    BlockingClientCall<UploadRequest, StoredFile> call = stub(UPLOAD).upload();
    try {
      boolean open = call.write(UploadRequest.newBuilder().setBegin(begin).build());
      if (open && send(call, content, arrived, sent)) {
        call.halfClose();
      }
      StoredFile answer = call.read();
      if (answer == null) {
        throw new IOException(
            "the control plane at " + plane.address() + " ended the call unanswered");
      }
      return answer;
    } finally {
      // Where it broke off, the control plane gives the file free for the next try.
      call.cancel("over", null);
    }
  }

  private static boolean send(
      BlockingClientCall<UploadRequest, StoredFile> call,
      FileChannel content,
      long from,
      LongConsumer sent)
      throws IOException, StatusException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);
    long offset = from;
    int read = content.read(buffer.clear(), offset);
    while (read > 0) {
      UploadPiece piece =
          UploadPiece.newBuilder()
              .setOffsetBytes(offset)
              .setContent(ByteString.copyFrom(buffer.flip()))
              .build();
      if (!call.write(UploadRequest.newBuilder().setPiece(piece).build())) {
        return false;
      }
      offset += read;
      sent.accept(offset);
      read = content.read(buffer.clear(), offset);
    }
    return true;
  }

  /** Every file that was uploaded, by name. */
  public List<StoredFile> files() throws ControlPlaneException {
    return ask(stub -> stub.listFiles(ListFilesRequest.getDefaultInstance()).getFilesList());
  }

  /** Removes a file. */
  public void remove(String name) throws ControlPlaneException {
    ask(stub -> stub.removeFile(RemoveFileRequest.newBuilder().setName(name).build()));
  }

  /** Puts a job into the queue; ending the watch leaves it there. */
  public JobWatch submit(InheritRequest request) {
    return new JobWatch(plane, TeachersGrpc.newBlockingV2Stub(plane.channel()).inherit(request));
  }

  /** Puts a job into the queue, and leaves it there. */
  public Job submitDetached(InheritRequest request)
      throws ControlPlaneException, InterruptedException {
    try (JobWatch watch = submit(request.toBuilder().setDetached(true).build())) {
      Optional<Job> job = watch.next(CALL);
      if (job.isPresent()) {
        // To its end, so that the call is one that ended well.
        watch.next(CALL);
      }
      return job.orElseThrow(
          () -> ControlPlaneException.of(plane.address(), Status.DEADLINE_EXCEEDED.asException()));
    }
  }

  /** Follows a job until it has ended. */
  public JobWatch watch(String id) {
    return new JobWatch(
        plane,
        TeachersGrpc.newBlockingV2Stub(plane.channel())
            .watchJob(WatchJobRequest.newBuilder().setId(id).build()));
  }

  /** The newest jobs, the newest first. */
  public List<Job> jobs(int limit) throws ControlPlaneException {
    return ask(
        stub -> stub.listJobs(ListJobsRequest.newBuilder().setLimit(limit).build()).getJobsList());
  }

  public Job job(String id) throws ControlPlaneException {
    return ask(stub -> stub.getJob(GetJobRequest.newBuilder().setId(id).build()));
  }

  public Job cancel(String id, String reason) throws ControlPlaneException {
    return ask(
        stub -> stub.cancelJob(CancelJobRequest.newBuilder().setId(id).setReason(reason).build()));
  }

  /** Moves a job in the queue. */
  public Job prioritise(String id, int priority) throws ControlPlaneException {
    return ask(
        stub ->
            stub.prioritiseJob(
                PrioritiseJobRequest.newBuilder().setId(id).setPriority(priority).build()));
  }

  public Job retry(String id) throws ControlPlaneException {
    return ask(stub -> stub.retryJob(RetryJobRequest.newBuilder().setId(id).build()));
  }

  /** A call that is answered at once. */
  private interface Question<T> {
    T ask(TeachersGrpc.TeachersBlockingV2Stub stub) throws StatusException;
  }

  private <T> T ask(Question<T> question) throws ControlPlaneException {
    try {
      return question.ask(stub(CALL));
    } catch (StatusException e) {
      plane.channel().resetConnectBackoff();
      throw ControlPlaneException.of(plane.address(), e);
    }
  }

  private TeachersGrpc.TeachersBlockingV2Stub stub(Duration limit) {
    return TeachersGrpc.newBlockingV2Stub(plane.channel())
        .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A job's changes as they come. */
  public static final class JobWatch implements AutoCloseable {
    private final ControlPlaneClient plane;
    private final BlockingClientCall<?, Job> call;
    private boolean ended;

    JobWatch(ControlPlaneClient plane, BlockingClientCall<?, Job> call) {
      this.plane = plane;
      this.call = call;
    }

    /** The next change; nothing where none came in time, or there will be none. */
    public Optional<Job> next(Duration timeout) throws ControlPlaneException, InterruptedException {
      try {
        Optional<Job> job =
            Optional.ofNullable(call.read(timeout.toMillis(), TimeUnit.MILLISECONDS));
        ended = job.isEmpty();
        return job;
      } catch (TimeoutException e) {
        return Optional.empty();
      } catch (StatusException e) {
        throw ControlPlaneException.of(plane.address(), e);
      }
    }

    /** Whether the job has ended, and all was told. */
    public boolean ended() {
      return ended;
    }

    @Override
    public void close() {
      call.cancel("no longer needed", null);
    }
  }
}
