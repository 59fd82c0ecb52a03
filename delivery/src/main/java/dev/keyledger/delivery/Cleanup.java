package dev.keyledger.delivery;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Deletes obsolete rows in short rounds: deliveries after {@link #KEPT}, deleted webhooks with all
 * their deliveries, and values that no event names. Every command node does so; concurrent rounds
 * are harmless. Not thread-safe.
 */
final class Cleanup {
  /** The time for which a delivery is kept after its creation. */
  static final Duration KEPT = Duration.ofDays(14);

  /**
   * The time for which a value is kept that no webhook names: a command may be about to name it.
   */
  static final Duration VALUE_KEPT = Duration.ofDays(2);

  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final int ROWS_MAX = 1000;

  private static final String DELETE_OLD =
      """
      DELETE FROM delivery.delivery WHERE number IN (
        SELECT number FROM delivery.delivery
        WHERE created_at < clock_timestamp() - ? * interval '1 second' AND status <> 'pending'
        LIMIT ?)
      """;

  private static final String OLD_PENDING =
      """
      SELECT number, webhook_id, subject FROM delivery.delivery
      WHERE created_at < clock_timestamp() - ? * interval '1 second' AND status = 'pending'
      ORDER BY number LIMIT ?
      """;

  private static final String DELETE_OF_DELETED =
      """
      DELETE FROM delivery.delivery WHERE number IN (
        SELECT d.number FROM delivery.webhook w JOIN delivery.delivery d USING (webhook_id)
        WHERE w.deleted LIMIT ?)
      """;

  private static final String DELETE_WEBHOOKS =
      """
      DELETE FROM delivery.webhook w
      WHERE w.deleted AND NOT EXISTS (
        SELECT FROM delivery.delivery d WHERE d.webhook_id = w.webhook_id)
      """;

  /**
   * The deletion of values, only once the whole log is read: an unread event may name the value.
   */
  private static final String DELETE_VALUES =
      """
      DELETE FROM delivery.sealed_value WHERE value_id IN (
        SELECT value_id FROM delivery.sealed_value v
        WHERE v.created_at < clock_timestamp() - ? * interval '1 second'
          AND NOT EXISTS (
            SELECT FROM delivery.webhook w
            WHERE w.webhook_id = v.webhook_id
              AND v.value_id IN (w.target, w.secret, w.previous_secret))
          AND (SELECT r.position >= h.position FROM delivery.reader r, log.log_head h)
        LIMIT ?)
      """;

  private final SealedValues values;
  private long nextNanos = System.nanoTime() + EVERY.toNanos();

  Cleanup(SealedValues values) {
    this.values = values;
  }

  /** Runs a round if it is time; returns whether another one has more to do. */
  boolean runIfDue(DeliveryDatabase database) throws SQLException {
    if (System.nanoTime() - nextNanos < 0) {
      return false;
    }
    boolean more = database.inTransaction(this::round);
    nextNanos = System.nanoTime() + (more ? 0 : EVERY.toNanos());
    return more;
  }

  private record Old(long number, String webhookId, String subject) {}

  /**
   * Deletes old pending deliveries, together with the waiting ones behind them, which would
   * otherwise wait forever.
   */
  private static int deleteOldPending(Connection connection) throws SQLException {
    List<Old> old =
        DeliveryDatabase.query(
            connection,
            OLD_PENDING,
            row -> new Old(row.getLong(1), row.getString(2), row.getString(3)),
            KEPT.toSeconds(),
            ROWS_MAX);
    if (old.isEmpty()) {
      return 0;
    }
    Set<String> webhooks = old.stream().map(Old::webhookId).collect(Collectors.toSet());
    DeliveryDatabase.query(connection, Dispatcher.LOCK, _ -> 0, webhooks);
    for (Old one : old) {
      DeliveryDatabase.update(
          connection, "DELETE FROM delivery.delivery WHERE number = ?", one.number);
      DeliveryDatabase.update(connection, Dispatcher.NEXT_OF_SUBJECT, one.webhookId, one.subject);
    }
    DeliveryDatabase.update(connection, Dispatcher.NEXT_DUE, webhooks);
    return old.size();
  }

  /** Runs one round; returns whether another one has more to do. */
  boolean round(Connection connection) throws SQLException {
    int most = deleteOldPending(connection);
    most =
        Math.max(most, DeliveryDatabase.update(connection, DELETE_OLD, KEPT.toSeconds(), ROWS_MAX));
    most = Math.max(most, DeliveryDatabase.update(connection, DELETE_OF_DELETED, ROWS_MAX));
    var _ = DeliveryDatabase.update(connection, DELETE_WEBHOOKS);
    most =
        Math.max(
            most,
            DeliveryDatabase.update(connection, DELETE_VALUES, VALUE_KEPT.toSeconds(), ROWS_MAX));
    most = Math.max(most, values.sealAgain(connection, ROWS_MAX));
    return most == ROWS_MAX;
  }
}
