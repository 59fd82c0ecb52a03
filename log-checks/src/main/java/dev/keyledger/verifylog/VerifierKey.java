package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key that checkpoints are verified with, in the form of C2SP signed-note: Ed25519, or ML-DSA-44
 * for cosignatures (C2SP tlog-cosignature).
 */
record VerifierKey(String name, int id, Algorithm algorithm, PublicKey key) {
  private static final Pattern FORM =
      Pattern.compile("([^ +]+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]+={0,2})");
  private static final int NAME_MAX = 255;

  /** The signature algorithm of a key. */
  enum Algorithm {
    ED25519("Ed25519", 0x01, 32, "302a300506032b6570032100"),
    ML_DSA_44("ML-DSA-44", 0x06, 1312, "30820532300b06096086480165030403110382052100");

    private final String name;
    private final byte type;
    private final int keyBytes;

    /** The bytes before the key in a SubjectPublicKeyInfo (RFC 8410, RFC 9881), in hex. */
    private final String prefix;

    Algorithm(String name, int type, int keyBytes, String prefix) {
      this.name = name;
      this.type = (byte) type;
      this.keyBytes = keyBytes;
      this.prefix = prefix;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Reads {@code name+id+base64(type, key)}.
   *
   * @throws WrongException if it is another text, or a key of another algorithm
   */
  static VerifierKey parse(String text) throws WrongException {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches() || parts.group(1).length() > NAME_MAX) {
      throw new WrongException("is not of the form name+id+key");
    }
    byte[] encoded = parts.group(3).getBytes(UTF_8);
    byte[] typeAndKey = StrictBase64.decode(encoded, 0, encoded.length);
    String name = parts.group(1);
    byte[] hashed = concat((name + "\n").getBytes(UTF_8), typeAndKey);
    int id = ByteBuffer.wrap(new Sha256().plain(hashed)).getInt();
    if (id != (int) Long.parseLong(parts.group(2), 16)) {
      throw new WrongException("has an id that is not the key's");
    }
    for (Algorithm algorithm : Algorithm.values()) {
      if (typeAndKey[0] == algorithm.type && typeAndKey.length == 1 + algorithm.keyBytes) {
        byte[] key = Arrays.copyOfRange(typeAndKey, 1, typeAndKey.length);
        return new VerifierKey(name, id, algorithm, publicKey(algorithm, key));
      }
    }
    throw new WrongException("is neither an Ed25519 nor an ML-DSA-44 key");
  }

  private static PublicKey publicKey(Algorithm algorithm, byte[] key) throws WrongException {
    try {
      return KeyFactory.getInstance(algorithm.name)
          .generatePublic(
              new X509EncodedKeySpec(concat(HexFormat.of().parseHex(algorithm.prefix), key)));
    } catch (GeneralSecurityException _) {
      throw new WrongException("is not a valid key of " + algorithm);
    }
  }

  /** Returns whether a signature line names this key. */
  boolean isNamedBy(Checkpoint.SignatureLine line) {
    return line.keyId() == id && line.name().equals(name);
  }

  /** Returns whether a signature line of a checkpoint is this key's. */
  boolean hasSigned(Checkpoint checkpoint, Checkpoint.SignatureLine line) {
    byte[] signature = line.signature();
    return switch (algorithm) {
      case ED25519 -> verifies(checkpoint.text(), signature);
      case ML_DSA_44 ->
          signature.length > Long.BYTES
              && signature[0] >= 0
              && verifies(
                  cosigned(checkpoint, ByteBuffer.wrap(signature).getLong()),
                  Arrays.copyOfRange(signature, Long.BYTES, signature.length));
    };
  }

  /** Returns the {@code cosigned_message} of C2SP tlog-cosignature. */
  private byte[] cosigned(Checkpoint checkpoint, long timestampSeconds) {
    byte[] cosigner = name.getBytes(UTF_8);
    byte[] origin = checkpoint.origin().getBytes(UTF_8);
    return ByteBuffer.allocate(12 + 1 + cosigner.length + 8 + 1 + origin.length + 8 + 8 + 32)
        .put("subtree/v1\n\0".getBytes(UTF_8))
        .put((byte) cosigner.length)
        .put(cosigner)
        .putLong(timestampSeconds)
        .put((byte) origin.length)
        .put(origin)
        .putLong(0)
        .putLong(checkpoint.size())
        .put(checkpoint.root())
        .array();
  }

  private boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm.name);
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException _) {
      return false; // not even a signature by its form
    }
  }

  private static byte[] concat(byte[] one, byte[] other) {
    var both = new ByteArrayOutputStream(one.length + other.length);
    both.writeBytes(one);
    both.writeBytes(other);
    return both.toByteArray();
  }

  /**
   * Checks the signatures of a checkpoint (C2SP signed-note: each of a known key must verify, and
   * there must be one).
   *
   * @param which what to call the checkpoint
   * @return whether it is signed by a key of its own log
   */
  static boolean haveSigned(
      List<VerifierKey> keys, Checkpoint checkpoint, String which, VerificationReport report) {
    List<VerifierKey> own =
        keys.stream().filter(key -> key.name.equals(checkpoint.origin())).toList();
    if (own.isEmpty()) {
      report.wrong("no key of --key is of the log of " + which + ", " + checkpoint.origin());
      return false;
    }
    boolean signed = false;
    boolean forged = false;
    for (Checkpoint.SignatureLine line : checkpoint.signatures()) {
      for (VerifierKey key : own) {
        if (key.isNamedBy(line)) {
          if (key.hasSigned(checkpoint, line)) {
            signed = true;
            report.proven("%s is signed with the %s key".formatted(which, key.algorithm));
          } else {
            forged = true;
            report.wrong(
                "%s has a signature that is not by the %s key".formatted(which, key.algorithm));
          }
        }
      }
    }
    if (!signed && !forged) {
      report.wrong(which + " has no signature by a key of --key");
    }
    for (VerifierKey key : own) {
      if (checkpoint.signatures().stream().noneMatch(key::isNamedBy)) {
        report.notShown("that the %s key signed %s".formatted(key.algorithm, which));
      }
    }
    return signed && !forged;
  }
}
