package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PeersTest {
  private static String network(String address) throws Exception {
    return Peers.network(InetAddress.getByName(address).getHostAddress());
  }

  @Test
  void addressesOfOneNetworkAreCountedAsOne() throws Exception {
    assertThat(network("2001:db8::1")).isEqualTo(network("2001:db8::ffff:2"));
    assertThat(network("2001:db8::1")).isNotEqualTo(network("2001:db8:0:1::1"));
    assertThat(network("192.0.2.1")).isEqualTo("192.0.2.1");
    assertThat(Peers.network("unknown")).isEqualTo("unknown");
  }
}
