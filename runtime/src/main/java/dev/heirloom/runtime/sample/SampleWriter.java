package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.LongStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes samples as an {@code .npz} file that {@link SampleFiles} and NumPy read. */
public final class SampleWriter {

  private static final int HEADER_ALIGNMENT = 64;
  private static final int PREFIX_BYTES = 10;

  private SampleWriter() {}

  /** Writes {@code samples}; the file appears whole or not at all. */
  public static void write(SampleSet samples, Path file) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary));
          ZipOutputStream zip = new ZipOutputStream(out)) {
        for (String input : samples.inputs()) {
          begin(zip, input, samples.type(input), prepend(samples.size(), samples.dims(input)));
          byte[] row = new byte[samples.column(input).rows().rowBytes()];
          for (int sample = 0; sample < samples.size(); sample++) {
            samples.raw(input, sample).get(row);
            zip.write(row);
          }
          zip.closeEntry();
        }
        if (samples.labelled()) {
          answers(zip, samples, ElementType.ELEMENT_TYPE_INT64, samples.labelsPerSample());
        } else if (samples.targetsPerSample() > 0) {
          answers(zip, samples, ElementType.ELEMENT_TYPE_FLOAT32, samples.targetsPerSample());
        }
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void answers(
      ZipOutputStream zip, SampleSet samples, ElementType type, int perSample) throws IOException {
    long[] dims = perSample == 1 ? new long[0] : new long[] {perSample};
    begin(zip, SampleFiles.LABEL, type, prepend(samples.size(), dims));
    ByteBuffer row =
        ByteBuffer.allocate(Math.multiplyExact(perSample, ElementTypes.bytes(type)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int sample = 0; sample < samples.size(); sample++) {
      row.clear();
      for (int position = 0; position < perSample; position++) {
        if (type == ElementType.ELEMENT_TYPE_INT64) {
          row.putLong(samples.label(sample, position));
        } else {
          row.putFloat(samples.target(sample, position));
        }
      }
      zip.write(row.array());
    }
    zip.closeEntry();
  }

  private static void begin(ZipOutputStream zip, String name, ElementType type, long[] dims)
      throws IOException {
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(header(type, dims));
  }

  /** Format 1.0; padded so that the values start at a multiple of 64 bytes, as NumPy does. */
  private static byte[] header(ElementType type, long[] dims) {
    StringBuilder text =
        new StringBuilder()
            .append("{'descr': '")
            .append(NpyType.descr(type))
            .append("', 'fortran_order': False, 'shape': (");
    LongStream.of(dims).forEach(dim -> text.append(dim).append(", "));
    text.append("), }");
    int padding = HEADER_ALIGNMENT - (PREFIX_BYTES + text.length() + 1) % HEADER_ALIGNMENT;
    text.append(" ".repeat(padding % HEADER_ALIGNMENT)).append('\n');
    byte[] ascii = text.toString().getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(PREFIX_BYTES + ascii.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) ascii.length)
        .put(ascii)
        .array();
  }

  private static long[] prepend(long first, long[] rest) {
    return LongStream.concat(LongStream.of(first), LongStream.of(rest)).toArray();
  }
}
