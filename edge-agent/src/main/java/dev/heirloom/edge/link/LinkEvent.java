package dev.heirloom.edge.link;

import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.Window;
import java.util.function.Consumer;

/** What the link tells the agent. */
public sealed interface LinkEvent {

  /**
   * The device is enrolled and connected.
   *
   * @param fetcher fetches over this connection
   * @param windows sends windows over this connection, and drops them when it is lost
   */
  record Connected(BlobFetcher fetcher, Consumer<Window> windows) implements LinkEvent {}

  /**
   * The connection, or a try to make one, has failed; the link tries again by itself.
   *
   * @param wasConnected whether there had been a connection
   * @param refused whether the control plane, or want of a certificate, keeps this device out
   * @param reason one line
   */
  record Disconnected(boolean wasConnected, boolean refused, String reason) implements LinkEvent {}

  /** The connection gives way to one that shows the new certificate. */
  record Reconnecting() implements LinkEvent {}

  /** The certificate could not be renewed yet; it is tried again. */
  record NotRenewed(String reason) implements LinkEvent {}

  /** The control plane wants a rung served. */
  record Ordered(Desired desired) implements LinkEvent {}

  /** The control plane has taken the windows up to a sequence. */
  record WindowsTaken(long sequence) implements LinkEvent {}

  /** The control plane wants a rung tried beside the one in service. */
  record ShadowOrdered(Shadow shadow) implements LinkEvent {}

  /** The control plane says which budget is in force. */
  record BudgetTold(Budget budget) implements LinkEvent {}
}
