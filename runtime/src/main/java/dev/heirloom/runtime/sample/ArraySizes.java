package dev.heirloom.runtime.sample;

/** Limits on arrays that come from files. */
final class ArraySizes {

  /** Bytes of one array: what one buffer can hold. */
  static final long MAX_BYTES = Integer.MAX_VALUE - 64L;

  private ArraySizes() {}
}
