package dev.heirloom.runtime.sample;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of samples, written byte by byte. */
final class SampleBytes {

  private SampleBytes() {}

  static byte[] npy(String descr, String shape, byte[] values) {
    byte[] header =
        ("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n")
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + header.length + values.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) header.length)
        .put(header)
        .put(values)
        .array();
  }

  static byte[] npz(Map<String, byte[]> arrays, boolean compressed) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setComment("a comment after the directory");
      for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
        ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
        if (!compressed) {
          CRC32 sum = new CRC32();
          sum.update(array.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(array.getValue().length);
          entry.setCrc(sum.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(array.getValue());
        zip.closeEntry();
      }
    }
    return out.toByteArray();
  }

  /** Values 0, 1, 2… */
  static byte[] idx(int type, int[] dims, int values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dims.length + values);
    bytes.put(new byte[] {0, 0, (byte) type, (byte) dims.length});
    for (int dim : dims) {
      bytes.putInt(dim);
    }
    for (int i = 0; i < values; i++) {
      bytes.put((byte) i);
    }
    return bytes.array();
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }
}
