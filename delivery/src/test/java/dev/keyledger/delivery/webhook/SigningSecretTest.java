package dev.keyledger.delivery.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.net.http.HttpHeaders;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Signatures by Standard Webhooks 1.0, verified by independent code. */
class SigningSecretTest {
  private static final String ID = "dlv_01k00000000000000000000000";
  private static final String BODY = "{\"specversion\":\"1.0\",\"data\":{\"name\":\"Nächtlich\"}}";
  private static final byte[] X509_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

  private final String now = Long.toString(Instant.now().getEpochSecond());
  private final SigningSecret secret = SigningSecret.generate(new SecureRandom());

  @Test
  void thePublicLibraryVerifiesTheSymmetricSignature() throws Exception {
    var receiver = new Webhook(secret.revealToItsCaller());

    receiver.verify(BODY, headers(secret.sign(ID, now, BODY.getBytes(UTF_8))));
  }

  @Test
  void thePublicLibraryRefusesAnotherBodyAndAnotherSecret() {
    HttpHeaders headers = headers(secret.sign(ID, now, BODY.getBytes(UTF_8)));

    assertThatThrownBy(() -> new Webhook(secret.revealToItsCaller()).verify(BODY + " ", headers))
        .isInstanceOf(WebhookVerificationException.class);
    var other = SigningSecret.generate(new SecureRandom());
    assertThatThrownBy(() -> new Webhook(other.revealToItsCaller()).verify(BODY, headers))
        .isInstanceOf(WebhookVerificationException.class);
  }

  @Test
  void oneOfTwoSecretsIsEnough() throws Exception {
    var newer = SigningSecret.generate(new SecureRandom());
    byte[] body = BODY.getBytes(UTF_8);
    HttpHeaders headers = headers(newer.sign(ID, now, body) + " " + secret.sign(ID, now, body));

    new Webhook(secret.revealToItsCaller()).verify(BODY, headers);
    new Webhook(newer.revealToItsCaller()).verify(BODY, headers);
  }

  @Test
  void thePublicKeyVerifiesTheAsymmetricSignature() throws Exception {
    assertThat(secret.publicKey()).startsWith("whpk_");
    String signatures = secret.sign(ID, now, BODY.getBytes(UTF_8));
    String signature = signatures.substring(signatures.indexOf(' ') + 1);
    assertThat(signature).startsWith("v1a,");

    assertThat(verifies(signature, BODY)).isTrue();
    assertThat(verifies(signature, BODY + " ")).isFalse();
  }

  private boolean verifies(String signature, String body) throws Exception {
    byte[] raw = Base64.getDecoder().decode(secret.publicKey().substring("whpk_".length()));
    byte[] encoded = new byte[X509_HEAD.length + raw.length];
    System.arraycopy(X509_HEAD, 0, encoded, 0, X509_HEAD.length);
    System.arraycopy(raw, 0, encoded, X509_HEAD.length, raw.length);
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    verifier.update((ID + "." + now + "." + body).getBytes(UTF_8));
    return verifier.verify(Base64.getDecoder().decode(signature.substring("v1a,".length())));
  }

  @Test
  void theStoredFormIsReadBackAndTheTextFormShowsNothing() {
    SigningSecret read = SigningSecret.parse(secret.toBytes());

    assertThat(read.revealToItsCaller()).isEqualTo(secret.revealToItsCaller());
    assertThat(read.publicKey()).isEqualTo(secret.publicKey());
    assertThat(read.sign(ID, now, new byte[0])).isEqualTo(secret.sign(ID, now, new byte[0]));
    assertThat(secret).hasToString("SigningSecret[redacted]");
  }

  private HttpHeaders headers(String signature) {
    return HttpHeaders.of(
        Map.of(
            "webhook-id", List.of(ID),
            "webhook-timestamp", List.of(now),
            "webhook-signature", List.of(signature)),
        (_, _) -> true);
  }
}
