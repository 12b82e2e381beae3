package dev.heirloom.control.store;

import java.io.IOException;

/** Bytes that may still be written. */
public interface FreeSpace {
  long bytes() throws IOException;
}
