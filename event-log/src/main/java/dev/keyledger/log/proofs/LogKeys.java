package dev.keyledger.log.proofs;

import dev.keyledger.events.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The two keys that sign checkpoints: Ed25519, which every verifier of signed notes supports, and
 * ML-DSA-44 (FIPS 204), which resists quantum computers. Thread-safe.
 */
public final class LogKeys {
  private static final String ED25519 = "Ed25519";
  private static final int ED25519_BYTES = 32;
  private static final byte ED25519_TYPE = 0x01;
  private static final String ML_DSA = "ML-DSA-44";
  private static final int ML_DSA_BYTES = 1312;
  private static final byte ML_DSA_TYPE = 0x06;

  /** The prefix of a cosigned message of ML-DSA (C2SP tlog-cosignature). */
  private static final byte[] LABEL = "subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII);

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN (PRIVATE|PUBLIC) KEY-----([^-]*)-----END \\1 KEY-----");
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private final KeyPair ed25519;
  private final KeyPair mlDsa;

  private LogKeys(KeyPair ed25519, KeyPair mlDsa) {
    this.ed25519 = ed25519;
    this.mlDsa = mlDsa;
  }

  /** Returns new keys. */
  public static LogKeys generate() {
    try {
      return new LogKeys(
          KeyPairGenerator.getInstance(ED25519).generateKeyPair(),
          KeyPairGenerator.getInstance(ML_DSA).generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("JDK 25 has both algorithms", e);
    }
  }

  /**
   * Reads keys.
   *
   * @param pem the private and the public key of both algorithms, in any order
   * @throws IllegalArgumentException if a key is missing, or a pair does not belong together
   */
  public static LogKeys parse(String pem) {
    var privateKeys = new ArrayList<byte[]>();
    var publicKeys = new ArrayList<byte[]>();
    Matcher blocks = PEM.matcher(pem);
    while (blocks.find()) {
      byte[] key = Base64.getMimeDecoder().decode(blocks.group(2));
      (blocks.group(1).equals("PRIVATE") ? privateKeys : publicKeys).add(key);
    }
    return new LogKeys(
        pair(ED25519, privateKeys, publicKeys), pair(ML_DSA, privateKeys, publicKeys));
  }

  private static KeyPair pair(String algorithm, List<byte[]> privateKeys, List<byte[]> publicKeys) {
    for (byte[] encodedPrivate : privateKeys) {
      for (byte[] encodedPublic : publicKeys) {
        try {
          KeyFactory keys = KeyFactory.getInstance(algorithm);
          PrivateKey privateKey = keys.generatePrivate(new PKCS8EncodedKeySpec(encodedPrivate));
          PublicKey publicKey = keys.generatePublic(new X509EncodedKeySpec(encodedPublic));
          if (areOne(algorithm, privateKey, publicKey)) {
            return new KeyPair(publicKey, privateKey);
          }
        } catch (GeneralSecurityException _) {
          // keys of the other algorithm
        }
      }
    }
    throw new IllegalArgumentException(
        "there is no PRIVATE KEY and PUBLIC KEY of " + algorithm + " that belong together");
  }

  private static boolean areOne(String algorithm, PrivateKey privateKey, PublicKey publicKey)
      throws GeneralSecurityException {
    byte[] message = {1};
    Signature verification = Signature.getInstance(algorithm);
    verification.initVerify(publicKey);
    verification.update(message);
    return verification.verify(sign(algorithm, privateKey, message));
  }

  /** Returns the keys as {@link #parse} reads them. */
  public String toPem() {
    return Stream.of(ed25519, mlDsa)
        .map(pair ->
            pem("PRIVATE", pair.getPrivate().getEncoded())
                + pem("PUBLIC", pair.getPublic().getEncoded()))
        .reduce("", String::concat);
  }

  private static String pem(String kind, byte[] key) {
    return "-----BEGIN %s KEY-----\n%s\n-----END %s KEY-----\n"
        .formatted(kind, LINES.encodeToString(key), kind);
  }

  /**
   * Returns the keys with which the signatures of a log can be verified, in the form of C2SP
   * signed-note: Ed25519, then ML-DSA-44.
   *
   * @param origin the name of the log, and of its keys
   */
  List<String> verifierKeys(String origin) {
    return List.of(
        verifierKey(origin, ED25519_TYPE, ed25519Key()),
        verifierKey(origin, ML_DSA_TYPE, mlDsaKey()));
  }

  private static String verifierKey(String name, byte type, byte[] key) {
    return "%s+%s+%s"
        .formatted(
            name,
            HexFormat.of().formatHex(keyId(name, type, key)),
            Base64.getEncoder().encodeToString(concatenated(new byte[] {type}, key)));
  }

  /** Returns the lines that sign a checkpoint: Ed25519, then ML-DSA-44. */
  String signatures(Checkpoint checkpoint, Instant now) {
    String name = checkpoint.origin();
    byte[] text = checkpoint.text().getBytes(StandardCharsets.UTF_8);
    byte[] timestamp = ByteBuffer.allocate(Long.BYTES).putLong(now.getEpochSecond()).array();
    byte[] cosigned =
        concatenated(
            LABEL,
            prefixed(name),
            timestamp,
            prefixed(name),
            new byte[Long.BYTES],
            ByteBuffer.allocate(Long.BYTES).putLong(checkpoint.size()).array(),
            checkpoint.root().toBytes());
    return line(
            name,
            keyId(name, ED25519_TYPE, ed25519Key()),
            sign(ED25519, ed25519.getPrivate(), text))
        + line(
            name,
            keyId(name, ML_DSA_TYPE, mlDsaKey()),
            concatenated(timestamp, sign(ML_DSA, mlDsa.getPrivate(), cosigned)));
  }

  private static String line(String name, byte[] keyId, byte[] signature) {
    return "\u2014 %s %s\n"
        .formatted(name, Base64.getEncoder().encodeToString(concatenated(keyId, signature)));
  }

  private static byte[] prefixed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return concatenated(new byte[] {(byte) bytes.length}, bytes);
  }

  private static byte[] keyId(String name, byte type, byte[] key) {
    byte[] named =
        concatenated((name + "\n").getBytes(StandardCharsets.UTF_8), new byte[] {type}, key);
    return Arrays.copyOf(Sha256.of(named), Integer.BYTES);
  }

  private static byte[] sign(String algorithm, PrivateKey key, byte[] message) {
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign with " + algorithm, e);
    }
  }

  private byte[] ed25519Key() {
    return last(ed25519.getPublic(), ED25519_BYTES);
  }

  private byte[] mlDsaKey() {
    return last(mlDsa.getPublic(), ML_DSA_BYTES);
  }

  /** Returns the key itself, with which the encoding of X.509 ends. */
  private static byte[] last(PublicKey key, int bytes) {
    byte[] encoded = key.getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - bytes, encoded.length);
  }

  private static byte[] concatenated(byte[]... parts) {
    var bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }
}
