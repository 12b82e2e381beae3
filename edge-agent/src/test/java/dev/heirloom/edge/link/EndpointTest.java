package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EndpointTest {

  @Test
  void readsNamesAndAddresses() {
    assertThat(Endpoint.parse("localhost:7400")).isEqualTo(new Endpoint("localhost", 7400));
    assertThat(Endpoint.parse("10.0.0.1:1")).isEqualTo(new Endpoint("10.0.0.1", 1));
    assertThat(Endpoint.parse("[::1]:65535")).isEqualTo(new Endpoint("::1", 65535));
    assertThat(Endpoint.parse("[::1]:65535")).hasToString("[::1]:65535");
  }

  @Test
  void refusesPortsThatDoNotExist() {
    assertThatThrownBy(() -> Endpoint.parse("host:65536"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("port 65536 (expected: 1..65535)");
  }
}
