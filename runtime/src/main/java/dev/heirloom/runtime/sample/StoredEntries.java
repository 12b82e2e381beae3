package dev.heirloom.runtime.sample;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Where the bytes of a ZIP archive's entries begin, so that those that are not compressed can be
 * mapped. Reads the archive's directory, of either width, and the entry's own header.
 */
final class StoredEntries {

  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int WIDE_LOCATOR = 0x07064b50;
  private static final int WIDE_LOCATOR_BYTES = 20;
  private static final int WIDE_END = 0x06064b50;
  private static final int WIDE_END_BYTES = 56;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int WIDE_FIELDS = 0x0001;
  private static final long IN_WIDE_FIELDS = 0xffffffffL;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final long MAX_DIRECTORY_BYTES = 1 << 24;

  private final FileChannel file;

  StoredEntries(FileChannel file) {
    this.file = file;
  }

  /** Where an entry's bytes begin; empty where the archive is laid out in some rarer way. */
  OptionalLong begin(String name) throws IOException {
    ByteBuffer directory = directory();
    while (directory.remaining() >= ENTRY_BYTES) {
      int at = directory.position();
      int nameBytes = Short.toUnsignedInt(directory.getShort(at + 28));
      int extraBytes = Short.toUnsignedInt(directory.getShort(at + 30));
      int commentBytes = Short.toUnsignedInt(directory.getShort(at + 32));
      int next = at + ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
      if (directory.getInt(at) != ENTRY || next > directory.limit()) {
        return OptionalLong.empty();
      }
      byte[] found = new byte[nameBytes];
      directory.get(at + ENTRY_BYTES, found);
      if (new String(found, StandardCharsets.UTF_8).equals(name)) {
        return afterLocal(local(directory, at, at + ENTRY_BYTES + nameBytes, extraBytes));
      }
      directory.position(next);
    }
    return OptionalLong.empty();
  }

  /** The archive's directory; empty where it is not found. */
  private ByteBuffer directory() throws IOException {
    long size = file.size();
    long tailAt = Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES - WIDE_LOCATOR_BYTES);
    ByteBuffer tail = read(tailAt, size - tailAt);
    for (int at = tail.limit() - END_BYTES; at >= 0; at--) {
      int comment = Short.toUnsignedInt(tail.getShort(at + 20));
      if (tail.getInt(at) != END || at + END_BYTES + comment != tail.limit()) {
        continue;
      }
      long bytes = Integer.toUnsignedLong(tail.getInt(at + 12));
      long begin = Integer.toUnsignedLong(tail.getInt(at + 16));
      int locator = at - WIDE_LOCATOR_BYTES;
      if (locator >= 0 && tail.getInt(locator) == WIDE_LOCATOR) {
        ByteBuffer wide = read(tail.getLong(locator + 8), WIDE_END_BYTES);
        if (wide.limit() < WIDE_END_BYTES || wide.getInt(0) != WIDE_END) {
          return ByteBuffer.allocate(0);
        }
        bytes = wide.getLong(40);
        begin = wide.getLong(48);
      }
      return read(begin, bytes);
    }
    return ByteBuffer.allocate(0);
  }

  /** Where the entry's own header is, or -1. */
  private static long local(ByteBuffer directory, int entry, int extra, int extraBytes) {
    long narrow = Integer.toUnsignedLong(directory.getInt(entry + 42));
    if (narrow != IN_WIDE_FIELDS) {
      return narrow;
    }
    int skipped = 0;
    for (int field : new int[] {20, 24}) {
      skipped +=
          Integer.toUnsignedLong(directory.getInt(entry + field)) == IN_WIDE_FIELDS
              ? Long.BYTES
              : 0;
    }
    for (int at = extra; at + 4 <= extra + extraBytes; ) {
      int bytes = Short.toUnsignedInt(directory.getShort(at + 2));
      boolean wide = Short.toUnsignedInt(directory.getShort(at)) == WIDE_FIELDS;
      if (wide && bytes >= skipped + Long.BYTES && at + 4 + bytes <= extra + extraBytes) {
        return directory.getLong(at + 4 + skipped);
      }
      at += 4 + bytes;
    }
    return -1;
  }

  private OptionalLong afterLocal(long at) throws IOException {
    ByteBuffer header = read(at, LOCAL_BYTES);
    if (header.limit() < LOCAL_BYTES || header.getInt(0) != LOCAL) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        at
            + LOCAL_BYTES
            + Short.toUnsignedInt(header.getShort(26))
            + Short.toUnsignedInt(header.getShort(28)));
  }

  /** Some bytes of the file; none where it does not have them or they are too many. */
  private ByteBuffer read(long at, long bytes) throws IOException {
    if (at < 0 || bytes < 0 || bytes > MAX_DIRECTORY_BYTES || at > file.size() - bytes) {
      return ByteBuffer.allocate(0);
    }
    ByteBuffer read = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    int got = 0;
    while (got >= 0 && read.hasRemaining()) {
      got = file.read(read, at + read.position());
    }
    return read.flip();
  }
}
