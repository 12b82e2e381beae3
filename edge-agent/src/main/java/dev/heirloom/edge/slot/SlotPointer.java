package dev.heirloom.edge.slot;

import dev.heirloom.edge.slot.Assignment.Permit;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the file {@code current} says: which slot is in force and what must be in it; {@code
 * previous} says the same of the heir before.
 *
 * @param slot the heir's slot
 * @param file names the bytes of the slot's ONNX file
 * @param manifest names the manifest of the heir's family
 * @param family name of the family
 * @param rung from 1
 * @param probe what the heir made of the probe when it was installed
 */
record SlotPointer(
    Slot slot, Blob file, Blob manifest, String family, int rung, ProbeResult probe) {
  private static final String FIRST_LINE = "heirloom-slot 1";

  /** One of the two places for an heir. */
  enum Slot {
    A,
    B;

    Slot other() {
      return this == A ? B : A;
    }

    String directory() {
      return this == A ? "a" : "b";
    }
  }

  HeirIdentity heir() {
    return new HeirIdentity(family, Digest.of(manifest), rung);
  }

  /** The order that this heir came of, as far as it is remembered. */
  Assignment assignment() {
    return new Assignment(
        0, family, manifest, rung, "", new Permit(SignedRelease.getDefaultInstance(), List.of()));
  }

  /** Lines of text; the last is the digest of those before it. */
  byte[] encode() {
    String text =
        FIRST_LINE
            + "\nslot "
            + slot.directory()
            + "\nheir-sha256 "
            + Digest.of(file).hex()
            + "\nheir-bytes "
            + file.getSizeBytes()
            + "\nmanifest-sha256 "
            + Digest.of(manifest).hex()
            + "\nmanifest-bytes "
            + manifest.getSizeBytes()
            + "\nfamily "
            + family
            + "\nrung "
            + rung
            + "\nprobe-samples "
            + probe.samples()
            + "\nprobe-correct "
            + probe.correct()
            + "\nprobe-agreeing "
            + probe.agreeing()
            + "\n";
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return (text + "sha256 " + Digest.of(body).hex() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException if it is anything else
   */
  static SlotPointer parse(byte[] bytes) throws MalformedException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int seal = text.lastIndexOf("sha256 ");
    if (!text.startsWith(FIRST_LINE + "\n") || seal < 1 || text.charAt(seal - 1) != '\n') {
      throw new MalformedException("not a slot pointer, or truncated");
    }
    byte[] body = text.substring(0, seal).getBytes(StandardCharsets.UTF_8);
    if (!text.substring(seal).equals("sha256 " + Digest.of(body).hex() + "\n")) {
      throw new MalformedException("damaged (its digest differs)");
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : text.substring(FIRST_LINE.length() + 1, seal).split("\n", -1)) {
      int space = line.indexOf(' ');
      if (space > 0) {
        fields.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    try {
      return new SlotPointer(
          field(fields, "slot").equals("a") ? Slot.A : Slot.B,
          blob(fields, "heir"),
          blob(fields, "manifest"),
          field(fields, "family"),
          Integer.parseInt(field(fields, "rung")),
          new ProbeResult(
              Long.parseLong(field(fields, "probe-samples")),
              Long.parseLong(field(fields, "probe-correct")),
              Long.parseLong(field(fields, "probe-agreeing"))));
    } catch (IllegalArgumentException e) {
      throw new MalformedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Blob blob(Map<String, String> fields, String name) throws MalformedException {
    return Blob.newBuilder()
        .setSha256(Digest.parse(field(fields, name + "-sha256")).bytes())
        .setSizeBytes(Long.parseLong(field(fields, name + "-bytes")))
        .build();
  }

  private static String field(Map<String, String> fields, String name) throws MalformedException {
    String value = fields.get(name);
    if (value == null) {
      throw new MalformedException("no " + name);
    }
    return value;
  }
}
