package dev.keyledger.projection.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Issues and reads cursors, which mark a place in a list. Clients can neither interpret nor forge
 * them. A cursor is valid only for the list and the filters that it was issued for. Thread-safe.
 */
public final class Cursors {
  /** The maximum length of a cursor, in characters. */
  public static final int LENGTH_MAX = 256;

  private static final String LABEL = "keyledger cursor 1";
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAC_BYTES = 16;

  private final String store;
  private final List<SecretKeySpec> keys;

  /**
   * @param store identifies the log that the lists are derived from
   * @param keys the first issues cursors, all of them verify
   * @throws IllegalArgumentException if there is no key
   */
  public Cursors(String store, List<byte[]> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("cursors need a key");
    }
    this.store = store;
    this.keys = keys.stream().map(key -> new SecretKeySpec(key, ALGORITHM)).toList();
  }

  /**
   * Returns the cursor of a place in a list.
   *
   * @param list the list, with its filters
   * @param place the fields of the place, in ASCII without spaces
   */
  public String issue(String list, List<String> place) {
    byte[] text = String.join(" ", place).getBytes(StandardCharsets.US_ASCII);
    byte[] mac = mac(keys.getFirst(), list, text);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(ByteBuffer.allocate(text.length + MAC_BYTES).put(text).put(mac).array());
  }

  /** Returns the place of a cursor; empty if it was not issued for that list. */
  public Optional<List<String>> read(String list, String cursor) {
    if (cursor.length() > LENGTH_MAX) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    if (bytes.length < MAC_BYTES
        || !Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(cursor)) {
      return Optional.empty();
    }
    byte[] text = Arrays.copyOf(bytes, bytes.length - MAC_BYTES);
    byte[] given = Arrays.copyOfRange(bytes, text.length, bytes.length);
    return keys.stream().anyMatch(key -> MessageDigest.isEqual(given, mac(key, list, text)))
        ? Optional.of(List.of(new String(text, StandardCharsets.US_ASCII).split(" ", -1)))
        : Optional.empty();
  }

  private byte[] mac(SecretKeySpec key, String list, byte[] text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      var said = new ByteArrayOutputStream();
      for (byte[] part :
          List.of(
              LABEL.getBytes(StandardCharsets.UTF_8),
              store.getBytes(StandardCharsets.UTF_8),
              list.getBytes(StandardCharsets.UTF_8),
              text)) {
        said.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        said.writeBytes(part);
      }
      return Arrays.copyOf(mac.doFinal(said.toByteArray()), MAC_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
