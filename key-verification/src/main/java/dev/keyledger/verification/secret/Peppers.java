package dev.keyledger.verification.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.Digest;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The versioned server secrets that key the digests: one current, any number retired.
 *
 * <p>Neither its text form nor any exception reveals a pepper. Thread-safe.
 */
public final class Peppers {
  /** The minimum length of a pepper, in bytes. */
  public static final int BYTES_MIN = 32;

  /** The highest version; the lowest is 1. */
  public static final int VERSION_MAX = 65_535;

  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,4}");
  private static final String HMAC = "HmacSHA256";
  private static final byte[] IMPORT = "import".getBytes(UTF_8);

  /** A pepper and its authenticator. */
  private record Pepper(SecretKeySpec key, HmacSha256 hmac) {}

  private final List<Integer> versions;
  private final Map<Integer, Pepper> peppers;

  private Peppers(Map<Integer, Pepper> peppers) {
    this.versions = List.copyOf(peppers.keySet());
    this.peppers = Map.copyOf(peppers);
  }

  /**
   * Parses the configured peppers.
   *
   * @param text {@code version:base64} pairs, separated by commas, the first of them current;
   *     versions from 1 to {@value #VERSION_MAX}, each at least {@value #BYTES_MIN} bytes; leading
   *     and trailing white space is ignored, because files end with a line break
   * @throws IllegalArgumentException if the text has another form; the message names only the pair
   */
  public static Peppers parse(String text) {
    var peppers = new LinkedHashMap<Integer, Pepper>();
    String[] pairs = text.strip().split(",", -1);
    for (int i = 0; i < pairs.length; i++) {
      int colon = pairs[i].indexOf(':');
      String version = colon < 0 ? "" : pairs[i].substring(0, colon);
      if (!VERSION.matcher(version).matches() || Integer.parseInt(version) > VERSION_MAX) {
        throw new IllegalArgumentException(
            "pepper "
                + (i + 1)
                + " of "
                + pairs.length
                + " must be version:base64, version 1 to "
                + VERSION_MAX);
      }
      byte[] bytes = decode(version, pairs[i].substring(colon + 1));
      var pepper = new Pepper(new SecretKeySpec(bytes, HMAC), new HmacSha256(bytes));
      if (peppers.put(Integer.valueOf(version), pepper) != null) {
        throw new IllegalArgumentException("pepper version " + version + " is given twice");
      }
    }
    return new Peppers(peppers);
  }

  /** Returns the version that new digests use. */
  public int currentVersion() {
    return versions.getFirst();
  }

  /** Returns all versions, the current one first. */
  public List<Integer> versions() {
    return versions;
  }

  /**
   * Returns the digest of a secret that Keyledger minted. It is the same in every workspace.
   *
   * @param sha256 the SHA-256 of the secret
   * @throws IllegalArgumentException if there is no pepper of that version, or the hash is not 32
   *     bytes
   */
  public Digest issued(int version, byte[] sha256) {
    return Digest.of(pepper(version).hmac.of(checked(sha256)));
  }

  /**
   * Returns the digest of an imported secret. It differs between workspaces, so that workspaces can
   * neither probe nor squat each other's secrets.
   *
   * @param sha256 the SHA-256 of the secret
   * @throws IllegalArgumentException if there is no pepper of that version, or the hash is not 32
   *     bytes
   */
  public Digest imported(int version, String workspace, byte[] sha256) {
    return Digest.of(pepper(version).hmac.of(IMPORT, workspace.getBytes(UTF_8), checked(sha256)));
  }

  /**
   * Returns every digest that a secret may be stored as in a workspace: minted or imported, under
   * any version of the pepper.
   *
   * @param sha256 the SHA-256 of the secret
   * @throws IllegalArgumentException if the hash is not 32 bytes
   */
  public List<Digest> all(String workspace, byte[] sha256) {
    return versions.stream()
        .flatMap(
            version -> Stream.of(issued(version, sha256), imported(version, workspace, sha256)))
        .toList();
  }

  /**
   * Derives another secret from a pepper, by HKDF-SHA-256 (RFC 5869) without salt.
   *
   * @param purpose the context; different purposes give independent secrets
   * @param bytes the length, 1 to 8,160
   * @throws IllegalArgumentException if there is no pepper of that version or the length is out of
   *     range
   */
  public byte[] derive(int version, String purpose, int bytes) {
    if (bytes < 1 || bytes > 255 * 32) {
      throw new IllegalArgumentException("can derive 1 to 8160 bytes, not " + bytes);
    }
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(pepper(version).key)
                  .thenExpand(purpose.getBytes(UTF_8), bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK from 25 on has HKDF-SHA256", e);
    }
  }

  @Override
  public String toString() {
    return "Peppers" + versions;
  }

  private Pepper pepper(int version) {
    Pepper pepper = peppers.get(version);
    if (pepper == null) {
      throw new IllegalArgumentException("there is no pepper of version " + version);
    }
    return pepper;
  }

  private static byte[] checked(byte[] sha256) {
    if (sha256.length != Digest.BYTES) {
      throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + sha256.length);
    }
    return sha256;
  }

  private static byte[] decode(String version, String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      // Drop the cause: its message quotes the pepper.
      throw new IllegalArgumentException("pepper version " + version + " is not base64");
    }
    if (bytes.length < BYTES_MIN) {
      throw new IllegalArgumentException(
          "pepper version " + version + " has less than " + BYTES_MIN + " bytes");
    }
    return bytes;
  }
}
