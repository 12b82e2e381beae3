package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  @Test
  void readsNamesAndAddresses() {
    assertThat(HostPort.parse("localhost:7400")).isEqualTo(new HostPort("localhost", 7400));
    assertThat(HostPort.parse("10.0.0.1:1")).isEqualTo(new HostPort("10.0.0.1", 1));
    assertThat(HostPort.parse("[::1]:65535")).isEqualTo(new HostPort("::1", 65535));
  }

  @Test
  void writesWhatItReads() {
    assertThat(HostPort.parse("[::1]:7400")).hasToString("[::1]:7400");
    assertThat(HostPort.parse("plane.example:7400")).hasToString("plane.example:7400");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "localhost:",
        ":7400",
        "localhost:x",
        "localhost:0",
        "localhost:65536",
        "localhost:-1",
        "::1:7400",
        "a b:7400",
        "http://localhost:7400",
        "localhost:7400/"
      })
  void refusesWhatIsNoAddress(String text) {
    assertThatThrownBy(() -> HostPort.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhatIsWrongWithAUrl() {
    assertThatThrownBy(() -> HostPort.parse("http://localhost:7400"))
        .hasMessage("'http://localhost:7400' is not HOST:PORT, e.g. localhost:7400");
  }
}
