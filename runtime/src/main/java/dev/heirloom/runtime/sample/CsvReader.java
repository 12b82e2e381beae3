package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads {@code .csv} files: a sample in each line, its features and its label in columns. The label
 * is in the columns that the header names {@code label} or {@code label_…}, or else in the last one
 * if there is one more than the model takes features.
 */
final class CsvReader implements AutoCloseable {

  /**
   * Features and labels.
   *
   * @param features float32, in the axes of the model's input
   * @param labels int64, or float32 where one of them has a decimal point; empty if there are none
   */
  record Content(RawArray features, Optional<RawArray> labels) {}

  private final CsvLines lines;
  private final TensorSpec input;
  private final SampleSpool features;
  private final SampleSpool labels;
  private final SampleSpool targets;
  private int count;
  private boolean decimal;

  private CsvReader(CsvLines lines, TensorSpec input, Reading reading) {
    this.lines = lines;
    this.input = input;
    this.features = new SampleSpool(reading);
    this.labels = new SampleSpool(reading);
    this.targets = new SampleSpool(reading);
  }

  /**
   * Reads a file, plain or gzip.
   *
   * @param input the model's only one, floating-point
   */
  static Content read(Path file, TensorSpec input, Reading reading)
      throws IOException, MalformedException {
    Reading.Tally tally = reading.tally(Files.size(file));
    try (InputStream held = new CountingStream(Files.newInputStream(file), tally::add);
        InputStream in =
            file.toString().endsWith(".gz") ? new GZIPInputStream(held, 1 << 16) : held;
        Reader text =
            new BufferedReader(
                new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()), 1 << 16);
        CsvReader reader = new CsvReader(new CsvLines(text, file.toString()), input, reading)) {
      return reader.read(file);
    } catch (CharacterCodingException e) {
      throw new MalformedException(file + ": not UTF-8 text", e);
    } catch (EOFException e) {
      throw new MalformedException(file + ": truncated", e);
    } catch (ZipException e) {
      throw new MalformedException(file + ": damaged gzip: " + e.getMessage(), e);
    }
  }

  private Content read(Path file) throws IOException, MalformedException {
    List<String> row = lines.next();
    boolean headed = row.stream().anyMatch(CsvReader::isName);
    CsvColumns columns = CsvColumns.of(row, headed, input, lines);
    if (headed) {
      row = lines.next();
    }
    if (row.isEmpty()) {
      throw new MalformedException(file + ": no samples");
    }
    int[] featureColumns = columns.features();
    int[] labelColumns = columns.labels();
    ByteBuffer values = little(featureColumns.length * Float.BYTES);
    ByteBuffer answer = little(Long.BYTES);
    for (; !row.isEmpty(); row = lines.next()) {
      if (row.size() != columns.count()) {
        throw lines.wrong("%d columns (expected: %d)".formatted(row.size(), columns.count()));
      }
      if (count == Integer.MAX_VALUE) {
        throw lines.wrong("more than " + Integer.MAX_VALUE + " samples");
      }
      for (int column : featureColumns) {
        values.putFloat(number(row.get(column), column));
      }
      features.add(values.flip());
      values.clear();
      for (int column : labelColumns) {
        label(row.get(column), column, answer);
      }
      count++;
    }
    return content(columns);
  }

  private Content content(CsvColumns columns) throws IOException {
    List<Long> dims = new ArrayList<>(List.of((long) count));
    dims.addAll(columns.sampleDims());
    Rows rows = features.rows(count, columns.features().length * Float.BYTES);
    RawArray read = new RawArray(ElementType.ELEMENT_TYPE_FLOAT32, dims, rows);
    int perSample = columns.labels().length;
    if (perSample == 0) {
      return new Content(read, Optional.empty());
    }
    List<Long> answerDims = List.of((long) count, (long) perSample);
    return new Content(
        read,
        Optional.of(
            decimal
                ? new RawArray(
                    ElementType.ELEMENT_TYPE_FLOAT32,
                    answerDims,
                    targets.rows(count, perSample * Float.BYTES))
                : new RawArray(
                    ElementType.ELEMENT_TYPE_INT64,
                    answerDims,
                    labels.rows(count, perSample * Long.BYTES))));
  }

  /** Keeps a label both ways: only the last line shows whether all are integers. */
  private void label(String field, int column, ByteBuffer room)
      throws IOException, MalformedException {
    float target = number(field, column);
    long label = 0;
    try {
      label = Long.parseLong(field.strip());
    } catch (NumberFormatException e) {
      decimal = true;
    }
    labels.add(room.clear().putLong(label).flip());
    targets.add(room.clear().putFloat(target).flip());
  }

  private float number(String field, int column) throws MalformedException {
    float value;
    try {
      value = Float.parseFloat(field);
    } catch (NumberFormatException e) {
      throw lines.wrong("column %d: '%s' (expected: a number)".formatted(column + 1, brief(field)));
    }
    if (!Float.isFinite(value)) {
      throw lines.wrong(
          "column %d: %s (expected: finite numbers)".formatted(column + 1, brief(field)));
    }
    return value;
  }

  /** Whether a field of the first line can only be the name of a column. */
  private static boolean isName(String field) {
    if (field.isEmpty() || field.matches("(?i)[+-]?(nan|na|null|inf|infinity)")) {
      return false;
    }
    try {
      Float.parseFloat(field);
      return false;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static String brief(String field) {
    return field.length() > 40 ? field.substring(0, 40) + "…" : field;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() throws IOException {
    features.close();
    labels.close();
    targets.close();
  }
}
