package dev.heirloom.runtime.sample;

import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of a {@code .csv} file: fields apart by commas, optionally in double quotes, in which
 * a doubled quote stands for one. Empty lines are passed over.
 */
final class CsvLines {

  private static final int MAX_FIELD_CHARS = 1 << 16;
  private static final int MAX_FIELDS = 1 << 22;
  private static final int BYTE_ORDER_MARK = 0xfeff;

  private final Reader in;
  private final String origin;
  private final StringBuilder field = new StringBuilder();
  private int next;
  private long line = 1;
  private long recordLine = 1;

  /**
   * @param in buffered
   */
  CsvLines(Reader in, String origin) throws IOException {
    this.in = in;
    this.origin = origin;
    this.next = in.read();
    if (next == BYTE_ORDER_MARK) {
      next = in.read();
    }
  }

  /** The line that the last record began on, from 1. */
  long line() {
    return recordLine;
  }

  /**
   * The next record's fields, without the space around those that are not quoted; empty at the end.
   */
  List<String> next() throws IOException, MalformedException {
    List<String> fields = new ArrayList<>();
    while (next == '\n' || next == '\r') {
      endLine();
    }
    recordLine = line;
    while (next >= 0) {
      fields.add(next == '"' ? quoted() : plain());
      if (fields.size() > MAX_FIELDS) {
        throw wrong("more than " + MAX_FIELDS + " columns");
      }
      if (next == ',') {
        next = in.read();
        if (next < 0 || next == '\n' || next == '\r') {
          fields.add("");
          endLine();
          break;
        }
      } else {
        endLine();
        break;
      }
    }
    return fields;
  }

  MalformedException wrong(String what) {
    return new MalformedException("%s: line %d: %s".formatted(origin, recordLine, what));
  }

  private String plain() throws IOException, MalformedException {
    field.setLength(0);
    while (next >= 0 && next != ',' && next != '\n' && next != '\r') {
      append();
    }
    return field.toString().strip();
  }

  private String quoted() throws IOException, MalformedException {
    field.setLength(0);
    next = in.read();
    while (true) {
      if (next < 0) {
        throw wrong("a quote is not closed");
      }
      if (next == '"') {
        next = in.read();
        if (next != '"') {
          break;
        }
      } else if (next == '\n') {
        line++;
      }
      append();
    }
    while (next == ' ' || next == '\t') {
      next = in.read();
    }
    if (next >= 0 && next != ',' && next != '\n' && next != '\r') {
      throw wrong("text after a closing quote");
    }
    return field.toString();
  }

  private void append() throws IOException, MalformedException {
    if (field.length() == MAX_FIELD_CHARS) {
      throw wrong("a field of more than " + MAX_FIELD_CHARS + " characters");
    }
    field.append((char) next);
    next = in.read();
  }

  private void endLine() throws IOException {
    if (next == '\r') {
      next = in.read();
      if (next != '\n') {
        line++;
        return;
      }
    }
    if (next == '\n') {
      line++;
      next = in.read();
    }
  }
}
