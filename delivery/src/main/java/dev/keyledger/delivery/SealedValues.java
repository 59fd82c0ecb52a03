package dev.keyledger.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.keyledger.verification.secret.Peppers;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores addresses and signing secrets, each under an id and sealed by AES-256-GCM under a key that
 * HKDF derives from a pepper. A value never changes. It is stored before the event that names it is
 * appended; one that no event names is deleted later. Thread-safe.
 */
public final class SealedValues {
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final String PURPOSE = "webhook-seal";
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private static final Logger LOG = LoggerFactory.getLogger(SealedValues.class);

  private final DeliveryDatabase database;
  private final Map<Integer, SecretKeySpec> keys;
  private final int current;
  private final SecureRandom random = new SecureRandom();

  public SealedValues(DeliveryDatabase database, Peppers peppers) {
    this.database = database;
    this.keys =
        peppers.versions().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    version -> version,
                    version ->
                        new SecretKeySpec(peppers.derive(version, PURPOSE, KEY_BYTES), "AES")));
    this.current = peppers.currentVersion();
  }

  /**
   * Stores a value.
   *
   * @param id a new id of a {@link DeliveryId#VALUE}
   * @throws dev.keyledger.log.StoreUnavailableException if the database cannot be reached
   */
  public void keep(String id, String webhookId, byte[] value) {
    database.forRequest(connection ->
        DeliveryDatabase.update(
            connection,
            "INSERT INTO delivery.sealed_value (value_id, webhook_id, pepper_version, sealed)"
                + " VALUES (?, ?, ?, ?)",
            id,
            webhookId,
            current,
            sealed(id, value)));
  }

  /**
   * Returns values by their ids, without those that are no longer stored or cannot be opened.
   *
   * @throws dev.keyledger.log.StoreUnavailableException if the database cannot be reached
   */
  public Map<String, byte[]> find(Collection<String> ids) {
    return ids.isEmpty() ? Map.of() : database.forRequest(connection -> find(connection, ids));
  }

  Map<String, byte[]> find(Connection connection, Collection<String> ids) throws SQLException {
    var found = new HashMap<String, byte[]>();
    for (Sealed value :
        DeliveryDatabase.query(
            connection,
            "SELECT value_id, pepper_version, sealed FROM delivery.sealed_value"
                + " WHERE value_id = ANY (?)",
            Sealed::new,
            ids)) {
      try {
        found.put(value.id, opened(value));
      } catch (IllegalStateException e) {
        LOG.error("The value {} of a webhook cannot be opened: {}", value.id, e.getMessage());
      }
    }
    return found;
  }

  /** A value as it is stored. */
  private static final class Sealed {
    private final String id;
    private final int pepper;
    private final byte[] bytes;

    Sealed(ResultSet row) throws SQLException {
      id = row.getString(1);
      pepper = row.getInt(2);
      bytes = row.getBytes(3);
    }
  }

  /**
   * Seals values under the current pepper that were sealed under another one, so that a retired
   * pepper can be removed.
   *
   * @return the number of sealed values
   */
  int sealAgain(Connection connection, int max) throws SQLException {
    List<Sealed> old =
        DeliveryDatabase.query(
            connection,
            "SELECT value_id, pepper_version, sealed FROM delivery.sealed_value"
                + " WHERE pepper_version <> ? LIMIT ? FOR UPDATE SKIP LOCKED",
            Sealed::new,
            current,
            max);
    for (Sealed value : old) {
      DeliveryDatabase.update(
          connection,
          "UPDATE delivery.sealed_value SET pepper_version = ?, sealed = ? WHERE value_id = ?",
          current,
          sealed(value.id, opened(value)),
          value.id);
    }
    return old.size();
  }

  private byte[] sealed(String id, byte[] value) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, current, id, nonce).doFinal(value);
      return ByteBuffer.allocate(NONCE_BYTES + ciphertext.length)
          .put(nonce)
          .put(ciphertext)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + CIPHER, e);
    }
  }

  /**
   * @throws IllegalStateException if its pepper is unknown, or it was altered
   */
  private byte[] opened(Sealed value) {
    byte[] nonce = new byte[NONCE_BYTES];
    var bytes = ByteBuffer.wrap(value.bytes).get(nonce);
    byte[] ciphertext = new byte[bytes.remaining()];
    bytes.get(ciphertext);
    try {
      return cipher(Cipher.DECRYPT_MODE, value.pepper, value.id, nonce).doFinal(ciphertext);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("it was sealed under another pepper, or changed since", e);
    }
  }

  private Cipher cipher(int mode, int pepper, String id, byte[] nonce)
      throws GeneralSecurityException {
    SecretKeySpec key = keys.get(pepper);
    if (key == null) {
      throw new IllegalStateException(
          "it needs the pepper of version %d, which this node does not have".formatted(pepper));
    }
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(id.getBytes(US_ASCII));
    return cipher;
  }
}
