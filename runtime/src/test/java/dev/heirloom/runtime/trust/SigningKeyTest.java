package dev.heirloom.runtime.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.runtime.MalformedException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SigningKeyTest {

  private static final byte[] MESSAGE = {1, 2, 3};

  @Test
  void whatOneKeySignedOnlyItsOwnPublicHalfConfirms() {
    SigningKey key = SigningKey.create();
    ByteString signature = key.sign(MESSAGE).getValue();
    assertThat(key.verification().signed(MESSAGE, signature)).isTrue();
    assertThat(key.verification().signed(new byte[] {1, 2}, signature)).isFalse();
    assertThat(SigningKey.create().verification().signed(MESSAGE, signature)).isFalse();
    assertThat(key.verification().signed(MESSAGE, signature.substring(1))).isFalse();
  }

  @Test
  void aKeyIsReadBackFromItsText() throws Exception {
    SigningKey key = SigningKey.create();
    SigningKey read = SigningKey.parse(key.pem());
    assertThat(read.verification()).isEqualTo(key.verification());
    assertThat(read.sign(MESSAGE)).isEqualTo(key.sign(MESSAGE));
    assertThat(key.pem()).startsWith("-----BEGIN PRIVATE KEY-----\n").endsWith("KEY-----\n");
  }

  @Test
  void halvesOfTwoKeysAreRefused() {
    String one = SigningKey.create().pem();
    String other = SigningKey.create().pem();
    int half = one.indexOf("-----BEGIN PUBLIC KEY-----");
    assertThatThrownBy(() -> SigningKey.parse(one.substring(0, half) + other.substring(half)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("do not belong together");
  }

  @Test
  void textThatIsNoKeyIsNotQuoted() {
    for (String text : new String[] {"", "secret", "-----BEGIN PRIVATE KEY-----\nsecret"}) {
      assertThatThrownBy(() -> SigningKey.parse(text))
          .isInstanceOf(MalformedException.class)
          .hasMessageStartingWith("not a signing key")
          .message()
          .doesNotContain("secret");
    }
  }

  @Test
  void aKeySaysNothingOfItsPrivateHalf() {
    SigningKey key = SigningKey.create();
    assertThat(key).hasToString("signing key " + key.verification().id().brief());
  }

  /** RFC 8032, section 7.1, test 2. */
  @Test
  void signaturesAreThoseOfTheStandard() throws Exception {
    VerificationKey key =
        VerificationKey.of(
            hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), "key");
    ByteString signature =
        hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    assertThat(key.signed(new byte[] {0x72}, signature)).isTrue();
    assertThat(key.signed(new byte[] {0x73}, signature)).isFalse();
  }

  @Test
  void bytesThatAreNoKeyAreRefused() {
    assertThatThrownBy(() -> VerificationKey.of(hex("00"), "keys"))
        .hasMessage("keys: 1 bytes (expected: 32)");
  }

  private static ByteString hex(String digits) {
    return ByteString.copyFrom(HexFormat.of().parseHex(digits));
  }
}
