package dev.keyledger.lifecycle.idempotency;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.access.Caller;
import dev.keyledger.events.Digest;
import dev.keyledger.verification.secret.Peppers;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Computes the names of requests and seals their answers. A request's name and fingerprint are
 * HMACs, so that its Idempotency-Key is never stored. An answer is sealed by AES-256-GCM under a
 * key that HKDF (RFC 5869) derives from a pepper and that Idempotency-Key, so that it cannot be
 * opened without the key that only the caller has.
 *
 * <p>A request has one name for each pepper, and a record is stored under all of them, so that
 * nodes share one while a new pepper is being rolled out. Thread-safe.
 */
public final class AnswerSeal {
  private static final String MAC = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final byte[] SEAL_LABEL = "keyledger sealed answer 1".getBytes(US_ASCII);

  /** The keys derived from one pepper. */
  private record PepperKeys(
      SecretKeySpec naming, SecretKeySpec fingerprinting, SecretKey sealing) {}

  private final List<PepperKeys> peppers;
  private final SecureRandom random = new SecureRandom();

  public AnswerSeal(Peppers peppers) {
    this.peppers =
        peppers.versions().stream()
            .map(version ->
                new PepperKeys(
                    macKey(peppers, version, "idempotency-name"),
                    macKey(peppers, version, "idempotency-fingerprint"),
                    new SecretKeySpec(
                        peppers.derive(version, "idempotency-seal", KEY_BYTES), "HKDF")))
            .toList();
  }

  private static SecretKeySpec macKey(Peppers peppers, int version, String purpose) {
    return new SecretKeySpec(peppers.derive(version, purpose, KEY_BYTES), MAC);
  }

  /**
   * Returns the request of that caller with that Idempotency-Key.
   *
   * @param idempotencyKey as the caller sent it
   * @param parts the parts that identical requests share, in a fixed order
   */
  public RepeatableRequest request(Caller caller, String idempotencyKey, List<byte[]> parts) {
    String actorId = caller.actor().id();
    List<byte[]> scope =
        List.of(
            caller.workspace().getBytes(UTF_8),
            caller.actor().type().toString().getBytes(UTF_8),
            (actorId == null ? "" : actorId).getBytes(UTF_8),
            idempotencyKey.getBytes(US_ASCII));
    return new RepeatableRequest(
        this,
        caller.workspace() + " " + caller.actor(),
        peppers.stream()
            .map(keys -> {
              Digest name = mac(keys.naming, scope);
              return new RepeatableRequest.Form(
                  name,
                  mac(keys.fingerprinting, parts),
                  sealingKey(keys.sealing, idempotencyKey, name));
            })
            .toList());
  }

  /** Seals bytes so that only the repeated request can open them. */
  byte[] seal(RepeatableRequest.Form request, byte[] open) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, request, nonce).doFinal(open);
      return ByteBuffer.allocate(NONCE_BYTES + ciphertext.length)
          .put(nonce)
          .put(ciphertext)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES/GCM", e);
    }
  }

  /**
   * Opens the result of {@link #seal}.
   *
   * @throws IllegalStateException if it was sealed for another request, or changed since
   */
  static byte[] open(RepeatableRequest.Form request, byte[] sealed) {
    byte[] nonce = new byte[NONCE_BYTES];
    if (sealed.length < NONCE_BYTES) {
      throw new IllegalStateException("a kept answer is truncated");
    }
    var buffer = ByteBuffer.wrap(sealed).get(nonce);
    byte[] ciphertext = new byte[buffer.remaining()];
    buffer.get(ciphertext);
    try {
      return cipher(Cipher.DECRYPT_MODE, request, nonce).doFinal(ciphertext);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a kept answer cannot be decrypted", e);
    }
  }

  private static Cipher cipher(int mode, RepeatableRequest.Form request, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, request.sealingKey(), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(request.name().toBytes());
    cipher.updateAAD(request.fingerprint().toBytes());
    return cipher;
  }

  private static SecretKey sealingKey(SecretKey pepper, String idempotencyKey, Digest name) {
    byte[] info =
        ByteBuffer.allocate(SEAL_LABEL.length + Digest.BYTES)
            .put(SEAL_LABEL)
            .put(name.toBytes())
            .array();
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveKey(
              "AES",
              HKDFParameterSpec.ofExtract()
                  .addIKM(pepper)
                  .addIKM(idempotencyKey.getBytes(US_ASCII))
                  .thenExpand(info, KEY_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java from 25 on has HKDF-SHA256", e);
    }
  }

  /** Computes a MAC over each part, prefixed by its length, so that no two lists collide. */
  private static Digest mac(SecretKeySpec key, List<byte[]> parts) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(key);
      for (byte[] part : parts) {
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        mac.update(part);
      }
      return Digest.of(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + MAC, e);
    }
  }
}
