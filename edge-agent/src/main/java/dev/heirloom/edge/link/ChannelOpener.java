package dev.heirloom.edge.link;

import io.grpc.ManagedChannel;
import java.util.Optional;

/**
 * Opens a channel to the control plane; each try to connect gets a fresh one, which its user shuts
 * down.
 */
@FunctionalInterface
public interface ChannelOpener {
  ManagedChannel open();

  /** Plain-text channels over TCP that notice a dead peer within about a minute and a half. */
  static ChannelOpener tcp(Endpoint endpoint) {
    TcpChannels channels = new TcpChannels(endpoint);
    return () -> channels.open(Optional.empty());
  }
}
