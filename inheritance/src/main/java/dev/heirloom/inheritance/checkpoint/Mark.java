package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.runtime.MalformedException;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * How far the fine-tune is kept, and in which file.
 *
 * @param done steps
 * @param total of them
 * @param bytes of the file
 * @param sha256 of the file, 64 hexadecimal digits
 */
record Mark(long done, long total, long bytes, String sha256) {

  /** Name of the file with weights and optimiser state. */
  String file() {
    return "weights." + done;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(done);
    out.writeLong(total);
    out.writeLong(bytes);
    ContentWriter.text(out, sha256);
  }

  static Mark read(ContentReader in) throws IOException, MalformedException {
    return new Mark(
        in.number("steps done", 0),
        in.number("steps", 0),
        in.number("bytes", 0),
        in.text("digest"));
  }

  /** For people. */
  String describe() {
    return done + " of " + total + " steps of the fine-tune";
  }
}
