package dev.heirloom.control.fleet;

import dev.heirloom.actors.fleet.WindowReport;

/** Counts what passes through the gRPC side. Thread-safe. */
public interface Meters {

  /** A device reported a window that was accepted. */
  void window(WindowReport window);

  /** Bytes of blobs or models were handed to a call. */
  void sent(long bytes);

  /** A transfer was dropped because its reader was too slow. */
  void dropped();

  /** A family version was published, with so many bytes of blobs received for it. */
  void published(long receivedBytes);

  /** A collection removed so many bytes of blobs, and left so many. */
  void collected(long bytes, long storedBytes);

  /** A call ended; the method is one that is served, or {@code unknown}. */
  void callEnded(String method, String code);

  /** A call was refused; the kind is one of a fixed list. */
  void refused(String kind);

  /** What came on a call was refused for what it is; the kind is one of a fixed list. */
  void refusedMessage(String kind);

  /** A message waited because its stream sent too many. */
  void heldMessage();
}
