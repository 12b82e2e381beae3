package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.CancelJobRequest;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.PinChange;
import dev.heirloom.proto.v1.RevokeCertificateRequest;
import dev.heirloom.proto.v1.RevokeTokenRequest;
import dev.heirloom.proto.v1.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestObjectsTest {

  @Test
  void saysWhatARequestIsAbout() {
    assertThat(RequestObjects.subject(CreateTokenRequest.newBuilder().setName("ci").build()))
        .containsExactly("ci");
    assertThat(RequestObjects.subject(RevokeTokenRequest.newBuilder().setId("1f00a2b3").build()))
        .containsExactly("1f00a2b3");
    assertThat(RequestObjects.subject(RevokeCertificateRequest.newBuilder().setDevice("a").build()))
        .containsExactly("a");
    assertThat(
            RequestObjects.subject(RevokeCertificateRequest.newBuilder().setSerial("7f").build()))
        .containsExactly("7f");
    assertThat(RequestObjects.subject(CancelJobRequest.newBuilder().setId("job-1").build()))
        .containsExactly("job-1");
    assertThat(RequestObjects.subject(InheritRequest.newBuilder().setTeacher("t.onnx").build()))
        .containsExactly("t.onnx");
    assertThat(RequestObjects.subject(RevokeTokenRequest.getDefaultInstance())).isEmpty();
  }

  @Test
  void saysOnOneLineWhatIsAskedFor() {
    assertThat(
            RequestObjects.details(
                CreateTokenRequest.newBuilder()
                    .setName("ci")
                    .setRole(Role.ROLE_ADMIN)
                    .addDevices("eu-*")
                    .build(),
                List.of()))
        .contains("ROLE_ADMIN")
        .contains("eu-*");
    String change =
        RequestObjects.details(
            ChangeDevicesRequest.newBuilder()
                .addNames("cam-1")
                .setPin(PinChange.newBuilder().setRung(3))
                .build(),
            List.of("names"));
    assertThat(change).isEqualTo("pin { rung: 3 }");
  }
}
