package dev.heirloom.control.tailor;

/** Counts what the cache of assembled heirs does. Thread-safe. */
public interface TailorMeters {

  /** Counts nothing. */
  TailorMeters NONE =
      new TailorMeters() {
        @Override
        public void asked(boolean hit) {}

        @Override
        public void assembled(boolean succeeded) {}

        @Override
        public void kept(long bytes) {}
      };

  /** An heir was asked for; a hit was there, or already being assembled. */
  void asked(boolean hit);

  /** An assembly ended. */
  void assembled(boolean succeeded);

  /** Bytes of assembled heirs that are kept from now on. */
  void kept(long bytes);
}
