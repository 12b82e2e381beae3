package dev.heirloom.control.access;

/** From where calls come. */
public final class Peers {
  private static final int GROUPS_OF_NETWORK = 4;

  private Peers() {}

  /**
   * Whom an address is counted as: an IPv6 address as its /64 network, whose owner has as many
   * addresses as he likes; another as itself.
   *
   * @param address as Java writes it: all eight groups of an IPv6 address
   */
  public static String network(String address) {
    String[] groups = address.split(":", -1);
    return groups.length <= GROUPS_OF_NETWORK
        ? address
        : "%s:%s:%s:%s::/64".formatted(groups[0], groups[1], groups[2], groups[3]);
  }
}
