package dev.heirloom.control.cli.grpc;

import dev.heirloom.control.cli.HostPort;
import dev.heirloom.proto.v1.AccessGrpc;
import dev.heirloom.proto.v1.AuditEntry;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.CreateTokenResponse;
import dev.heirloom.proto.v1.DeviceCertificate;
import dev.heirloom.proto.v1.ListAuditRequest;
import dev.heirloom.proto.v1.ListAuditResponse;
import dev.heirloom.proto.v1.ListCertificatesRequest;
import dev.heirloom.proto.v1.ListCertificatesResponse;
import dev.heirloom.proto.v1.ListTokensRequest;
import dev.heirloom.proto.v1.RevokeCertificateRequest;
import dev.heirloom.proto.v1.RevokeTokenRequest;
import dev.heirloom.proto.v1.Token;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tokens, certificates and the audit log of a control plane. */
public final class AccessClient {
  private static final long CALL_SECONDS = 15;
  private static final int PAGE = 1000;

  private final HostPort address;
  private final ManagedChannel channel;

  AccessClient(HostPort address, ManagedChannel channel) {
    this.address = address;
    this.channel = channel;
  }

  private interface Call<T> {
    T on(AccessGrpc.AccessBlockingV2Stub stub) throws StatusException;
  }

  private <T> T call(Call<T> call) throws ControlPlaneException {
    try {
      return call.on(
          AccessGrpc.newBlockingV2Stub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS));
    } catch (StatusException e) {
      throw ControlPlaneException.of(address, e);
    }
  }

  /** A new token, with its secret. */
  public CreateTokenResponse create(CreateTokenRequest terms) throws ControlPlaneException {
    return call(stub -> stub.createToken(terms));
  }

  /** Every token, newest first. */
  public List<Token> tokens() throws ControlPlaneException {
    return call(stub -> stub.listTokens(ListTokensRequest.getDefaultInstance())).getTokensList();
  }

  /** Revokes the token of an id. */
  public Token revokeToken(String id) throws ControlPlaneException {
    return call(stub -> stub.revokeToken(RevokeTokenRequest.newBuilder().setId(id).build()));
  }

  /**
   * Certificates of devices, newest first.
   *
   * @param device empty: of every one
   */
  public List<DeviceCertificate> certificates(String device) throws ControlPlaneException {
    List<DeviceCertificate> all = new ArrayList<>();
    String page = "";
    do {
      ListCertificatesRequest request =
          ListCertificatesRequest.newBuilder()
              .setDevice(device)
              .setPageSize(PAGE)
              .setPageToken(page)
              .build();
      ListCertificatesResponse answer = call(stub -> stub.listCertificates(request));
      all.addAll(answer.getCertificatesList());
      page = answer.getNextPageToken();
    } while (!page.isEmpty());
    return all;
  }

  /** Revokes a certificate by its serial number, or all of a device. */
  public List<DeviceCertificate> revoke(RevokeCertificateRequest which)
      throws ControlPlaneException {
    return call(stub -> stub.revokeCertificate(which)).getCertificatesList();
  }

  /** The newest entries of the audit log, newest first. */
  public List<AuditEntry> audit(int most) throws ControlPlaneException {
    List<AuditEntry> all = new ArrayList<>();
    String page = "";
    do {
      ListAuditRequest request =
          ListAuditRequest.newBuilder()
              .setPageSize(Math.min(PAGE, most - all.size()))
              .setPageToken(page)
              .build();
      ListAuditResponse answer = call(stub -> stub.listAudit(request));
      all.addAll(answer.getEntriesList());
      page = answer.getNextPageToken();
    } while (!page.isEmpty() && all.size() < most);
    return all;
  }
}
