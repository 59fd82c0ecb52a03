package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the side rows of events about keys. They are always as current as the log itself.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached.
 * Thread-safe.
 */
public final class KeySideRows {
  private static final String KNOWN =
      "SELECT digest FROM log.key_secret WHERE digest = ANY (?) AND workspace = ?";

  private static final String OWNED =
      """
      SELECT key_id FROM log.key_owner
      WHERE workspace = ? AND owner_type = ? AND owner_id = ? AND key_id > ?
      ORDER BY key_id LIMIT ?
      """;

  /**
   * The query for descendants. The subquery has an order so that PostgreSQL looks up the keys of
   * one issuer after the other, and stops at the limit. Only keys that are not revoked have an
   * owner.
   */
  private static final String DESCENDANTS =
      """
      WITH RECURSIVE descendant (key_id) AS (
        SELECT ?::text
        UNION
        SELECT issued.stream_id
        FROM descendant d CROSS JOIN LATERAL (
          SELECT e.stream_id FROM log.event e
          WHERE e.actor_id = d.key_id
            AND e.sequence = 0 AND e.stream_kind = 'key' AND e.actor_type = 'operator'
          ORDER BY e.stream_id) issued
      )
      SELECT d.key_id FROM descendant d
      WHERE d.key_id <> ?
        AND EXISTS (SELECT FROM log.key_owner o WHERE o.key_id = d.key_id)
      LIMIT ?
      """;

  private static final String REMINDERS =
      "SELECT key_id, expires_at, \"offset\", time FROM log.key_reminder WHERE key_id = ANY (?)";

  private final DataSource dataSource;

  public KeySideRows(LedgerDatabase database) {
    this.dataSource = database.dataSource();
  }

  /** Returns the digests among these that a key of the workspace has or had. */
  public Set<Digest> known(String workspace, Collection<Digest> digests) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(KNOWN)) {
      statement.setArray(
          1,
          connection.createArrayOf(
              "bytea", digests.stream().map(Digest::toBytes).toArray(byte[][]::new)));
      statement.setString(2, workspace);
      try (ResultSet row = statement.executeQuery()) {
        var known = new HashSet<Digest>();
        while (row.next()) {
          known.add(Digest.of(row.getBytes(1)));
        }
        return known;
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /**
   * Returns the keys of an owner that are not revoked, in the order of their ids. A key whose
   * planned revocation has taken effect counts once that is recorded.
   *
   * @param after the id to continue after, exclusive; null starts at the first
   */
  public List<KeyId> ownedBy(String workspace, Owner owner, @Nullable KeyId after, int max) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(OWNED)) {
      statement.setString(1, workspace);
      statement.setString(2, owner.type().toString());
      statement.setString(3, owner.id());
      statement.setString(4, after == null ? "" : after.value());
      statement.setInt(5, max);
      return keyIds(statement);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /**
   * Returns descendants of a key: the keys that its holder issued, those that their holders issued,
   * and so on. Revoked ones are left out, but not their descendants.
   *
   * @param max the most keys to return; issuers come before the keys that they issued
   */
  public List<KeyId> descendants(KeyId issuer, int max) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(DESCENDANTS)) {
      statement.setString(1, issuer.value());
      statement.setString(2, issuer.value());
      statement.setInt(3, max);
      return keyIds(statement);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /**
   * A recorded reminder.
   *
   * @param time the log's time of its event
   */
  public record Reminded(KeyEvent.RemindsOfExpiry reminder, Instant time) {}

  /** Returns all recorded reminders of these keys, without keys that have none. */
  public Map<KeyId, List<Reminded>> reminders(Collection<KeyId> keys) {
    try (Connection connection = dataSource.getConnection()) {
      return reminders(connection, keys);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /** Reads as {@link #reminders(Collection)} does, within the caller's transaction. */
  public static Map<KeyId, List<Reminded>> reminders(Connection connection, Collection<KeyId> keys)
      throws SQLException {
    var reminders = new HashMap<KeyId, List<Reminded>>();
    try (PreparedStatement statement = connection.prepareStatement(REMINDERS)) {
      statement.setArray(
          1, connection.createArrayOf("text", keys.stream().map(KeyId::value).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          reminders
              .computeIfAbsent(new KeyId(row.getString(1)), _ -> new ArrayList<>())
              .add(
                  new Reminded(
                      reminder(Duration.parse(row.getString(3)), Instant.parse(row.getString(2))),
                      row.getObject(4, OffsetDateTime.class).toInstant()));
        }
      }
    }
    return reminders;
  }

  private static KeyEvent.RemindsOfExpiry reminder(Duration offset, Instant expiresAt) {
    return offset.isZero() ? new KeyExpired(expiresAt) : new ExpiryApproaching(offset, expiresAt);
  }

  private static List<KeyId> keyIds(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      var keys = new ArrayList<KeyId>();
      while (row.next()) {
        keys.add(new KeyId(row.getString(1)));
      }
      return keys;
    }
  }

  private static StoreUnavailableException unavailable(SQLException e) {
    return new StoreUnavailableException("cannot read the log: " + e.getMessage(), e);
  }
}
