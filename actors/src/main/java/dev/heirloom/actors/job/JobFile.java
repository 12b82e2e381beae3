package dev.heirloom.actors.job;

/**
 * A file that a job needs, as it was when the job was submitted. Persisted as it is.
 *
 * @param name 1..128 letters, digits, '.', '_' or '-'
 * @param sha256 64 hexadecimal digits
 * @param sizeBytes of its content
 */
public record JobFile(String name, String sha256, long sizeBytes) {
  public JobFile {
    if (!name.matches("[A-Za-z0-9._-]{1,128}") || name.matches("[.]+")) {
      throw new IllegalArgumentException(
          "name: not one (expected: 1..128 letters, digits, '.', '_' or '-')");
    }
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("sha256: not one (expected: 64 hexadecimal digits)");
    }
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("sizeBytes: " + sizeBytes + " (expected: >= 0)");
    }
  }
}
