package dev.heirloom.runtime.sample;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Equal rows of bytes, one for each sample, on the heap or in mapped pieces of files. Mapped pieces
 * cost no heap: the operating system brings in what is read and drops it again.
 *
 * <p>A row lies whole in one piece, {@code offset} bytes into every {@code stride} of it.
 */
final class Rows {

  /** The bytes that one mapped piece has at most; a buffer counts with an int. */
  static final int PIECE_BYTES = 1 << 30;

  private final int rowBytes;
  private final int stride;
  private final int offset;
  private final ByteBuffer[] pieces;

  /** The first row of each piece, and after them the number of rows. */
  private final int[] starts;

  private Rows(int rowBytes, int stride, int offset, ByteBuffer[] pieces, int[] starts) {
    this.rowBytes = rowBytes;
    this.stride = stride;
    this.offset = offset;
    this.pieces = pieces;
    this.starts = starts;
  }

  /**
   * Rows of one buffer, one behind the other.
   *
   * @param raw from its position to its limit; not copied, to be left alone
   */
  static Rows of(ByteBuffer raw, int count, int rowBytes) {
    if (raw.remaining() != (long) count * rowBytes) {
      throw new IllegalArgumentException(
          "bytes: %d (expected: %d)".formatted(raw.remaining(), (long) count * rowBytes));
    }
    ByteBuffer[] pieces = {raw.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN)};
    return new Rows(rowBytes, rowBytes, 0, pieces, new int[] {0, count});
  }

  /**
   * Maps rows of a file.
   *
   * @param at bytes in the file before the first stride
   * @param stride bytes from one row to the next
   * @param offset bytes of a stride before its row
   * @param pieceBytes of one piece at most, but at least one stride
   */
  static Rows map(
      FileChannel file, long at, int count, int stride, int offset, int rowBytes, int pieceBytes)
      throws IOException {
    int perPiece = Math.max(1, pieceBytes / Math.max(1, stride));
    int number = Math.toIntExact(((long) count + perPiece - 1) / perPiece);
    ByteBuffer[] pieces = new ByteBuffer[number];
    int[] starts = new int[number + 1];
    for (int i = 0; i < number; i++) {
      long first = (long) i * perPiece;
      long rows = Math.min(perPiece, count - first);
      pieces[i] =
          file.map(MapMode.READ_ONLY, at + first * stride, rows * stride)
              .order(ByteOrder.LITTLE_ENDIAN);
      starts[i + 1] = Math.toIntExact(first + rows);
    }
    return new Rows(rowBytes, stride, offset, pieces, starts);
  }

  /** The rows of several files, one after the other; each laid out as the first. */
  static Rows concat(List<Rows> parts) {
    Rows first = parts.get(0);
    List<ByteBuffer> pieces = new ArrayList<>();
    List<Integer> starts = new ArrayList<>(List.of(0));
    int before = 0;
    for (Rows part : parts) {
      if (part.rowBytes != first.rowBytes
          || part.stride != first.stride
          || part.offset != first.offset) {
        throw new IllegalArgumentException("parts: laid out differently");
      }
      pieces.addAll(Arrays.asList(part.pieces));
      for (int i = 1; i < part.starts.length; i++) {
        starts.add(Math.addExact(before, part.starts[i]));
      }
      before = Math.addExact(before, part.size());
    }
    return new Rows(
        first.rowBytes,
        first.stride,
        first.offset,
        pieces.toArray(ByteBuffer[]::new),
        starts.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The same strides, read at another place of each. */
  Rows at(int otherOffset, int otherRowBytes) {
    if (otherOffset < 0 || otherRowBytes < 0 || otherOffset + otherRowBytes > stride) {
      throw new IllegalArgumentException(
          "row: %d..%d (expected: in a stride of %d)"
              .formatted(otherOffset, otherOffset + otherRowBytes, stride));
    }
    return new Rows(otherRowBytes, stride, otherOffset, pieces, starts);
  }

  /** Number of rows. */
  int size() {
    return starts[starts.length - 1];
  }

  /** Bytes of one row. */
  int rowBytes() {
    return rowBytes;
  }

  /** Whether the rows lie one behind the other in one piece. */
  boolean contiguous() {
    return pieces.length == 1 && stride == rowBytes;
  }

  /** The piece that holds a row; to be read at absolute positions only. */
  ByteBuffer piece(int row) {
    return pieces[pieceOf(row)];
  }

  /** Where a row begins in its piece. */
  int position(int row) {
    return (row - starts[pieceOf(row)]) * stride + offset;
  }

  /** One row, little-endian, read-only. */
  ByteBuffer row(int row) {
    return piece(row).slice(position(row), rowBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private int pieceOf(int row) {
    if (row < 0 || row >= size()) {
      throw new IllegalArgumentException("row: " + row + " (expected: 0.." + (size() - 1) + ")");
    }
    if (pieces.length == 1) {
      return 0;
    }
    int found = Arrays.binarySearch(starts, row);
    return found >= 0 ? found : -found - 2;
  }
}
