package dev.heirloom.bench.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.certificate.DeviceRequest;
import dev.heirloom.edge.identity.DeviceKey;
import dev.heirloom.runtime.MalformedException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What agents ask to be certified, as control planes read it. */
class CertificateRequestTest {

  @Test
  void aControlPlaneReadsWhatADeviceAsksForWhateverItIsCalled() throws Exception {
    for (String name :
        List.of("a", "cam-1", "A.b_c-9", "x".repeat(63), "x".repeat(64), "0_".repeat(64))) {
      DeviceKey key = DeviceKey.create();
      DeviceRequest read = DeviceRequest.parse(key.request(name).toByteArray());
      assertThat(read.device()).isEqualTo(name);
      assertThat(read.key()).isEqualTo(key.publicKey());
    }
  }

  @Test
  void aRequestThatWasChangedOnItsWayCertifiesNothingElse() {
    DeviceKey key = DeviceKey.create();
    byte[] request = key.request("cam-1").toByteArray();
    int refused = 0;
    for (int at = 0; at < request.length; at++) {
      byte[] changed = request.clone();
      changed[at] ^= 1;
      try {
        DeviceRequest read = DeviceRequest.parse(changed);
        assertThat(read)
            .as("changed at %d", at)
            .isEqualTo(new DeviceRequest("cam-1", key.publicKey()));
      } catch (MalformedException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(request.length * 9 / 10);
  }
}
