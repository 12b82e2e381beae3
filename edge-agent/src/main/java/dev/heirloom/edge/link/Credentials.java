package dev.heirloom.edge.link;

import java.time.Duration;
import java.util.Optional;

/** By what the control plane knows the device. */
public interface Credentials {

  /** Where nobody asks who the device is. */
  Credentials NONE =
      new Credentials() {
        @Override
        public void prepare() {}

        @Override
        public Optional<Duration> untilRenewal() {
          return Optional.empty();
        }

        @Override
        public void renew() {}

        @Override
        public String refused() {
          return "";
        }
      };

  /**
   * Sees to it that the device can show who it is; has it certified where it is not. Blocks.
   *
   * @throws CredentialsException with one line for a person: what is wrong, and what to do
   */
  void prepare() throws CredentialsException;

  /** How long until they are to be renewed; empty where they never are. */
  Optional<Duration> untilRenewal();

  /** Has them renewed, unless they just were. Blocks. */
  void renew() throws CredentialsException;

  /** The control plane knows nobody by them; says what to do, for a person. */
  String refused();
}
