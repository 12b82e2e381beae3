package dev.heirloom.control.grpc;

import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.AuditEntry;
import dev.heirloom.control.access.DeviceCertificate;
import dev.heirloom.control.access.RefusedException;
import dev.heirloom.control.access.Scope;
import dev.heirloom.control.access.Token;
import dev.heirloom.control.access.TokenBook;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.proto.v1.AccessGrpc;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.CreateTokenResponse;
import dev.heirloom.proto.v1.ListAuditRequest;
import dev.heirloom.proto.v1.ListAuditResponse;
import dev.heirloom.proto.v1.ListCertificatesRequest;
import dev.heirloom.proto.v1.ListCertificatesResponse;
import dev.heirloom.proto.v1.ListTokensRequest;
import dev.heirloom.proto.v1.ListTokensResponse;
import dev.heirloom.proto.v1.RevokeCertificateRequest;
import dev.heirloom.proto.v1.RevokeTokenRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The calls of administrators. */
final class AccessService extends AccessGrpc.AccessImplBase {
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_PAGE = 1000;

  private final Access access;
  private final Executor blocking;

  AccessService(Access access, Executor blocking) {
    this.access = access;
    this.blocking = blocking;
  }

  @Override
  public void createToken(CreateTokenRequest request, StreamObserver<CreateTokenResponse> call) {
    Answers.later(call, () -> Blocking.call(blocking, () -> create(request)));
  }

  private CreateTokenResponse create(CreateTokenRequest request)
      throws IOException, RefusedException {
    TokenSecret secret = TokenSecret.create();
    Token token = access.tokens().create(terms(request), secret);
    return CreateTokenResponse.newBuilder()
        .setToken(AccessMessages.token(token))
        .setSecret(secret.text())
        .build();
  }

  private static TokenBook.Terms terms(CreateTokenRequest request) {
    try {
      dev.heirloom.control.access.Role role = AccessMessages.role(request.getRole());
      boolean enrols = role == dev.heirloom.control.access.Role.ENROLMENT;
      return new TokenBook.Terms(
          request.getName(),
          role,
          new Scope(request.getDevicesList()),
          request.getValidMs() == 0
              ? Optional.empty()
              : Optional.of(Duration.ofMillis(request.getValidMs())),
          enrols && request.getUses() == 0 ? 1 : request.getUses());
    } catch (IllegalArgumentException e) {
      String[] said = String.valueOf(e.getMessage()).split(": ", 2);
      throw Failures.invalid(said[0], said[said.length - 1]);
    }
  }

  @Override
  public void listTokens(ListTokensRequest request, StreamObserver<ListTokensResponse> call) {
    Answers.now(
        call,
        () ->
            ListTokensResponse.newBuilder()
                .addAllTokens(access.tokens().all().stream().map(AccessMessages::token).toList())
                .build());
  }

  @Override
  public void revokeToken(
      RevokeTokenRequest request, StreamObserver<dev.heirloom.proto.v1.Token> call) {
    Answers.later(
        call,
        () ->
            Blocking.call(
                blocking,
                () -> {
                  Optional<Token> revoked = access.tokens().revoke(request.getId());
                  if (revoked.isEmpty()) {
                    throw Failures.notFound("token", request.getId());
                  }
                  access.endOutdated();
                  return AccessMessages.token(revoked.get());
                }));
  }

  @Override
  public void listCertificates(
      ListCertificatesRequest request, StreamObserver<ListCertificatesResponse> call) {
    int size = size(request.getPageSize());
    Answers.later(
        call,
        () -> {
          long before = before(request.getPageToken());
          return Blocking.call(
              blocking,
              () -> {
                List<DeviceCertificate> found =
                    access
                        .devices()
                        .list(
                            Optional.of(request.getDevice()).filter(name -> !name.isEmpty()),
                            before,
                            size);
                boolean more = request.getDevice().isEmpty() && found.size() == size;
                return AccessMessages.certificates(found)
                    .setNextPageToken(more ? String.valueOf(found.get(size - 1).number()) : "")
                    .build();
              });
        });
  }

  @Override
  public void revokeCertificate(
      RevokeCertificateRequest request, StreamObserver<ListCertificatesResponse> call) {
    Answers.later(call, () -> Blocking.call(blocking, () -> revoke(request)));
  }

  private ListCertificatesResponse revoke(RevokeCertificateRequest request)
      throws IOException, RefusedException {
    boolean one = !request.getSerial().isEmpty();
    if (one != request.getDevice().isEmpty()) {
      throw Failures.invalid("serial", "expected either a serial number or a device");
    }
    List<DeviceCertificate> revoked =
        one
            ? access.devices().revokeSerial(request.getSerial())
            : access.devices().revokeDevice(Incoming.deviceName("device", request.getDevice()));
    if (one && revoked.isEmpty()) {
      throw Failures.notFound("certificate", request.getSerial());
    }
    access.endOutdated();
    return AccessMessages.certificates(revoked).build();
  }

  @Override
  public void listAudit(ListAuditRequest request, StreamObserver<ListAuditResponse> call) {
    int size = size(request.getPageSize());
    Answers.later(
        call,
        () -> {
          long before = before(request.getPageToken());
          return Blocking.call(
              blocking,
              () -> {
                List<AuditEntry> found = access.audit(before, size);
                return ListAuditResponse.newBuilder()
                    .addAllEntries(found.stream().map(AccessMessages::entry).toList())
                    .setNextPageToken(
                        found.size() == size ? String.valueOf(found.get(size - 1).number()) : "")
                    .build();
              });
        });
  }

  private static int size(int asked) {
    return asked == 0
        ? DEFAULT_PAGE
        : Integer.compareUnsigned(asked, MAX_PAGE) > 0 ? MAX_PAGE : asked;
  }

  private static long before(String pageToken) {
    if (pageToken.isEmpty()) {
      return Long.MAX_VALUE;
    }
    if (!pageToken.matches("[0-9]{1,18}")) {
      throw Failures.invalid("page_token", "expected one from the previous answer");
    }
    return Long.parseLong(pageToken);
  }
}
