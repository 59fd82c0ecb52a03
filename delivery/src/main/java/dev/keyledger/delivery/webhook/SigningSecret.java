package dev.keyledger.delivery.webhook;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that sign the deliveries of a webhook (Standard Webhooks 1.0): a symmetric key, which
 * the receiver gets once, and a key pair, whose public key is not secret.
 *
 * <p>Its text form is redacted. Immutable.
 */
public final class SigningSecret {
  private static final String HMAC = "HmacSHA256";
  private static final String ED25519 = "Ed25519";
  private static final int SYMMETRIC_BYTES = 32;
  private static final int PUBLIC_BYTES = 32;

  private final byte[] symmetric;
  private final byte[] publicKey;
  private final PrivateKey privateKey;

  private SigningSecret(byte[] symmetric, byte[] publicKey, PrivateKey privateKey) {
    this.symmetric = symmetric;
    this.publicKey = publicKey;
    this.privateKey = privateKey;
  }

  /** Returns a new secret. */
  public static SigningSecret generate(SecureRandom random) {
    byte[] symmetric = new byte[SYMMETRIC_BYTES];
    random.nextBytes(symmetric);
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ED25519).generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded(); // X.509: the key is at the end
      byte[] publicKey = Arrays.copyOfRange(encoded, encoded.length - PUBLIC_BYTES, encoded.length);
      return new SigningSecret(symmetric, publicKey, pair.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ED25519, e);
    }
  }

  /** Returns the secret that {@link #toBytes} wrote. */
  public static SigningSecret parse(byte[] bytes) {
    byte[] symmetric = Arrays.copyOf(bytes, SYMMETRIC_BYTES);
    int end = SYMMETRIC_BYTES + PUBLIC_BYTES;
    byte[] publicKey = Arrays.copyOfRange(bytes, SYMMETRIC_BYTES, end);
    byte[] encoded = Arrays.copyOfRange(bytes, end, bytes.length);
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance(ED25519).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      return new SigningSecret(symmetric, publicKey, privateKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a signing secret cannot be read", e);
    }
  }

  /** Returns the bytes to seal, which show the secret. */
  public byte[] toBytes() {
    byte[] encoded = privateKey.getEncoded();
    return ByteBuffer.allocate(symmetric.length + publicKey.length + encoded.length)
        .put(symmetric)
        .put(publicKey)
        .put(encoded)
        .array();
  }

  /** Returns the symmetric key, for the only party that may see it: the caller of the command. */
  public String revealToItsCaller() {
    return "whsec_" + Base64.getEncoder().encodeToString(symmetric);
  }

  /** Returns the public key. */
  public String publicKey() {
    return "whpk_" + Base64.getEncoder().encodeToString(publicKey);
  }

  /**
   * Returns the signatures of a message by both keys, in the form of {@code webhook-signature}.
   *
   * @param id the value of {@code webhook-id}
   * @param timestamp the value of {@code webhook-timestamp}
   */
  public String sign(String id, String timestamp, byte[] body) {
    byte[] head = (id + "." + timestamp + ".").getBytes(US_ASCII);
    byte[] signed = ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(symmetric, HMAC));
      Signature signature = Signature.getInstance(ED25519);
      signature.initSign(privateKey);
      signature.update(signed);
      Base64.Encoder base64 = Base64.getEncoder();
      return "v1,%s v1a,%s"
          .formatted(
              base64.encodeToString(mac.doFinal(signed)), base64.encodeToString(signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + HMAC + " and " + ED25519, e);
    }
  }

  @Override
  public String toString() {
    return "SigningSecret[redacted]";
  }
}
