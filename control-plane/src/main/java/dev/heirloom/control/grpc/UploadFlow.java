package dev.heirloom.control.grpc;

import dev.heirloom.control.store.FileIntake;
import dev.heirloom.control.store.StoredFile;
import dev.heirloom.control.store.UploadRoom;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.proto.v1.UploadBegin;
import dev.heirloom.proto.v1.UploadPiece;
import dev.heirloom.proto.v1.UploadRequest;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One teacher, or one file of data, on its way in. */
final class UploadFlow {
  private static final Logger LOG = LoggerFactory.getLogger(UploadFlow.class);
  private static final int MOST_AT_ONCE = 4;
  private static final int MOST_FILES = 10_000;
  private static final Duration SILENCE = Duration.ofMinutes(2);

  /** Reading a teacher takes about so many times its size of memory. */
  private static final int READING_FACTOR = 4;

  private final UploadedFiles files;
  private final UploadRoom room;
  private final Executor blocking;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  UploadFlow(UploadedFiles files, UploadRoom room, Executor blocking) {
    this.files = files;
    this.room = room;
    this.blocking = blocking;
  }

  /** A flow for one call, which takes one of the places while it runs. */
  Flow<UploadRequest, dev.heirloom.proto.v1.StoredFile, NotUsed> flow() {
    if (!places.tryAcquire()) {
      throw Failures.exhausted(
          "concurrent uploads", "at most " + MOST_AT_ONCE + "; try again when one has ended");
    }
    Call call = new Call();
    return Flow.<UploadRequest>create()
        .idleTimeout(SILENCE)
        .foldAsync(call, (same, request) -> Blocking.call(blocking, () -> same.take(request)))
        .mapAsync(1, same -> Blocking.call(blocking, same::finish))
        .map(JobMessages::file)
        .mapError(Throwable.class, Failures::of)
        .watchTermination(
            (notUsed, done) -> {
              done.whenCompleteAsync((end, failure) -> call.end(), blocking);
              return notUsed;
            });
  }

  /** The state of one call; the stream runs its methods one after another. */
  private final class Call {
    private Optional<FileIntake> intake = Optional.empty();
    private long takenBytes;
    private boolean over;

    synchronized Call take(UploadRequest request) throws IOException, MalformedException {
      checkOpen();
      switch (request.getMessageCase()) {
        case BEGIN -> begin(request.getBegin());
        case PIECE -> piece(request.getPiece());
        case MESSAGE_NOT_SET -> throw Failures.invalid("message", "empty");
      }
      return this;
    }

    /** What another call may be writing by now is not touched. */
    private void checkOpen() throws IOException {
      if (over) {
        throw new IOException("the call has ended");
      }
    }

    private void begin(UploadBegin begin) throws IOException, MalformedException {
      if (intake.isPresent()) {
        throw Failures.invalid("begin", "a second one in the same call");
      }
      String name = Incoming.name("begin.name", begin.getName());
      if (name.startsWith(".")) {
        throw Failures.invalid("begin.name", "begins with '.' (expected: a letter or a digit)");
      }
      boolean teacher = teacher(begin);
      boolean known = files.find(name).isPresent();
      if (!known && files.list().size() >= MOST_FILES) {
        throw Failures.exhausted("files", "at most " + MOST_FILES);
      }
      FileIntake begun =
          files.begin(
              name,
              teacher,
              Incoming.digest("begin.sha256", begin.getSha256()),
              begin.getSizeBytes());
      intake = Optional.of(begun);
      Optional<UploadRoom.Lack> lack = room.take(begun.missingBytes(), files.storedBytes());
      if (lack.isPresent()) {
        throw Failures.exhausted(lack.get().limit(), lack.get().description());
      }
      takenBytes = begun.missingBytes();
    }

    private boolean teacher(UploadBegin begin) {
      return switch (begin.getKind()) {
        case FILE_KIND_TEACHER -> {
          long most = Runtime.getRuntime().maxMemory() / READING_FACTOR;
          if (begin.getSizeBytes() > most) {
            throw Failures.exhausted(
                "memory",
                "a teacher of "
                    + Long.toUnsignedString(begin.getSizeBytes())
                    + " bytes (expected: at most "
                    + most
                    + ", a quarter of this control plane's)");
          }
          yield true;
        }
        case FILE_KIND_DATA -> false;
        case FILE_KIND_UNSPECIFIED, UNRECOGNIZED ->
            throw Failures.invalid("begin.kind", "not one (expected: teacher or data)");
      };
    }

    private void piece(UploadPiece piece) throws IOException, MalformedException {
      FileIntake coming = begun();
      long before = coming.missingBytes();
      coming.piece(piece.getOffsetBytes(), piece.getContent());
      // It is among what is stored from now on.
      long came = before - coming.missingBytes();
      takenBytes -= came;
      room.giveBack(came);
    }

    synchronized StoredFile finish() throws IOException, MalformedException {
      checkOpen();
      StoredFile file = begun().finish();
      LOG.info("uploaded {} ({}), {} bytes", file.name(), file.digest().brief(), file.sizeBytes());
      return file;
    }

    private FileIntake begun() {
      return intake.orElseThrow(
          () -> Failures.invalid("begin", "missing (expected: the first message)"));
    }

    synchronized void end() {
      over = true;
      places.release();
      room.giveBack(takenBytes);
      if (intake.isPresent()) {
        try {
          intake.get().close();
        } catch (IOException e) {
          LOG.warn("a partly received file could not be closed: {}", e.toString());
        }
      }
    }
  }
}
