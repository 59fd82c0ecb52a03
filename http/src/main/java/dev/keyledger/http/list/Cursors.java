package dev.keyledger.http.list;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Issues and reads cursors, which mark a place in a list. A cursor is encrypted and authenticated
 * (AES-256-GCM), so that clients can neither read nor forge it. It is valid only for the log, the
 * workspace, the list and the filters that it was issued for. Thread-safe.
 */
public final class Cursors {
  /** The maximum length of a cursor, in characters. */
  public static final int LENGTH_MAX = 256;

  /** The length of a key, in bytes. */
  public static final int KEY_BYTES = 32;

  private static final String LABEL = "keyledger cursor 2";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BYTES = 16;

  private final String store;
  private final List<SecretKeySpec> keys;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param store identifies the log that the lists are derived from
   * @param keys the first issues cursors, all of them read; each of {@value #KEY_BYTES} bytes
   * @throws IllegalArgumentException if there is no key
   */
  public Cursors(String store, List<byte[]> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("cursors need a key");
    }
    this.store = store;
    this.keys = keys.stream().map(key -> new SecretKeySpec(key, "AES")).toList();
  }

  /**
   * Returns the cursor of a place in a list.
   *
   * @param workspace the workspace whose entries are listed
   * @param list the list, with its filters
   * @param place the fields of the place, in ASCII without spaces
   */
  public String issue(String workspace, String list, List<String> place) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keys.getFirst(), nonce, workspace, list);
      byte[] sealed = cipher.doFinal(String.join(" ", place).getBytes(US_ASCII));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CIPHER, e);
    }
  }

  /** Returns the place of a cursor; empty if it was not issued for that workspace and list. */
  public Optional<List<String>> read(String workspace, String list, String cursor) {
    byte[] bytes = decoded(cursor);
    if (bytes == null) {
      return Optional.empty();
    }
    byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
    byte[] sealed = Arrays.copyOfRange(bytes, NONCE_BYTES, bytes.length);
    for (SecretKeySpec key : keys) {
      try {
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, workspace, list);
        String place = new String(cipher.doFinal(sealed), US_ASCII);
        return Optional.of(List.of(place.split(" ", -1)));
      } catch (AEADBadTagException _) {
        // Another key may have issued it.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has " + CIPHER, e);
      }
    }
    return Optional.empty();
  }

  /** Returns the bytes of a cursor; null for a text that does not encode one. */
  private static byte @Nullable [] decoded(String cursor) {
    if (cursor.length() > LENGTH_MAX) {
      return null;
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      boolean canonical =
          Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(cursor);
      return canonical && bytes.length >= NONCE_BYTES + TAG_BYTES ? bytes : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, String workspace, String list)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
    for (String part : List.of(LABEL, store, workspace, list)) {
      byte[] text = part.getBytes(UTF_8);
      cipher.updateAAD(ByteBuffer.allocate(Integer.BYTES).putInt(0, text.length));
      cipher.updateAAD(text);
    }
    return cipher;
  }
}
