package dev.heirloom.edge.identity;

import java.io.ByteArrayOutputStream;

/**
 * The few things of ASN.1's distinguished encoding (X.690) that a certificate request is made of.
 */
final class Der {
  static final int INTEGER = 0x02;
  static final int BIT_STRING = 0x03;
  static final int SEQUENCE = 0x30;
  static final int ATTRIBUTES = 0xa0;

  private static final int LONG_FORM = 0x80;

  private Der() {}

  /** A value: its tag, its length, and what it is made of, one after the other. */
  static byte[] value(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.write(tag);
    writeLength(value, content.size());
    value.writeBytes(content.toByteArray());
    return value.toByteArray();
  }

  private static void writeLength(ByteArrayOutputStream to, int length) {
    if (length < LONG_FORM) {
      to.write(length);
      return;
    }
    int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + Byte.SIZE - 1) / Byte.SIZE;
    to.write(LONG_FORM | bytes);
    for (int i = bytes - 1; i >= 0; i--) {
      to.write(length >>> (i * Byte.SIZE));
    }
  }
}
