package dev.heirloom.runtime.trust;

import java.nio.charset.StandardCharsets;

/** What is signed: a line that says what it is, so that no statement passes for another, and it. */
final class Statement {

  static final String ROSTER = "roster";
  static final String RELEASE = "release";

  private Statement() {}

  static byte[] message(String kind, byte[] content) {
    byte[] line = ("heirloom " + kind + " 1\n").getBytes(StandardCharsets.US_ASCII);
    byte[] message = new byte[line.length + content.length];
    System.arraycopy(line, 0, message, 0, line.length);
    System.arraycopy(content, 0, message, line.length, content.length);
    return message;
  }
}
