package dev.keyledger.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of webhooks, as requests see them. Methods throw {@link
 * dev.keyledger.log.StoreUnavailableException} if the database cannot be reached. Thread-safe.
 */
public final class Deliveries {
  private static final String COLUMNS =
      "number, delivery_id, type, key_id, position, status, attempts, due_at, lease,"
          + " response_status, response_body, created_at";

  private static final Map<String, DeliveryStatus> STATUSES =
      Arrays.stream(DeliveryStatus.values())
          .collect(Collectors.toUnmodifiableMap(DeliveryStatus::toString, Function.identity()));

  private final DeliveryDatabase database;
  private final InstantSource clock;
  private final Runnable wakeUp;

  /**
   * @param wakeUp called when a delivery has become due
   */
  public Deliveries(DeliveryDatabase database, InstantSource clock, Runnable wakeUp) {
    this.database = database;
    this.clock = clock;
    this.wakeUp = wakeUp;
  }

  /**
   * Returns deliveries of a webhook, newest first.
   *
   * @param status only deliveries of this status; null: all
   * @param before the number of the delivery to continue after; null starts at the newest
   */
  public List<Delivery> list(
      String webhookId, @Nullable DeliveryStatus status, @Nullable Long before, int max) {
    return database.forRequest(connection ->
        DeliveryDatabase.query(
            connection,
            "SELECT "
                + COLUMNS
                + " FROM delivery.delivery WHERE webhook_id = ?"
                + (status == null ? "" : " AND status = '" + status + "'")
                + " AND number < ? ORDER BY number DESC LIMIT ?",
            Deliveries::read,
            webhookId,
            before == null ? Long.MAX_VALUE : before,
            max));
  }

  /** Returns a delivery of a webhook. */
  public Optional<Delivery> find(String webhookId, String deliveryId) {
    return database.forRequest(connection -> find(connection, webhookId, deliveryId));
  }

  private static Optional<Delivery> find(Connection connection, String webhookId, String deliveryId)
      throws SQLException {
    return DeliveryDatabase.query(
            connection,
            "SELECT "
                + COLUMNS
                + " FROM delivery.delivery WHERE webhook_id = ? AND delivery_id = ?",
            Deliveries::read,
            webhookId,
            deliveryId)
        .stream()
        .findFirst();
  }

  /**
   * Adds a test delivery, which is due at once.
   *
   * @return empty until a node has read that the webhook exists and is enabled
   */
  public Optional<Delivery> test(String webhookId) {
    String id = DeliveryId.DELIVERY.next(clock.instant());
    Optional<Delivery> added =
        database.forRequest(connection -> {
          if (!markDue(connection, webhookId)) {
            return Optional.empty();
          }
          DeliveryDatabase.update(
              connection,
              "INSERT INTO delivery.delivery (delivery_id, webhook_id, subject, type, in_order,"
                  + " due_at) VALUES (?, ?, ?, ?, false, clock_timestamp())",
              id,
              webhookId,
              webhookId,
              Delivery.TEST);
          return find(connection, webhookId, id);
        });
    wakeUp.run();
    return added;
  }

  /**
   * Makes a delivered or dead delivery due again; its webhook must be enabled. Other deliveries do
   * not wait for it.
   *
   * @return the delivery; empty if it is pending
   */
  public Optional<Delivery> redeliver(String webhookId, String deliveryId) {
    Optional<Delivery> due =
        database.forRequest(connection -> {
          var _ = markDue(connection, webhookId);
          int changed =
              DeliveryDatabase.update(
                  connection,
                  "UPDATE delivery.delivery SET status = 'pending', in_order = false, retries = 0,"
                      + " due_at = clock_timestamp() WHERE webhook_id = ? AND delivery_id = ?"
                      + " AND status <> 'pending'",
                  webhookId,
                  deliveryId);
          return changed == 0 ? Optional.empty() : find(connection, webhookId, deliveryId);
        });
    wakeUp.run();
    return due;
  }

  /**
   * Locks a webhook and marks its deliveries for a round; returns whether it exists and is enabled.
   */
  private static boolean markDue(Connection connection, String webhookId) throws SQLException {
    return DeliveryDatabase.update(
            connection,
            "UPDATE delivery.webhook SET due_at = LEAST(due_at, clock_timestamp())"
                + " WHERE webhook_id = ? AND enabled AND NOT deleted",
            webhookId)
        > 0;
  }

  /** Returns for how long the oldest due delivery has been due; zero if none is. */
  public Duration overdue() {
    return database.forRequest(connection ->
        DeliveryDatabase.query(
                connection,
                "SELECT COALESCE(GREATEST(0, extract(epoch FROM clock_timestamp() - min(due_at))), 0)"
                    + " FROM delivery.webhook WHERE enabled AND NOT deleted",
                row -> Duration.ofMillis((long) (row.getDouble(1) * 1000)))
            .getFirst());
  }

  /** Returns the number of unread events in the log. */
  public long lag() {
    return database.forRequest(connection ->
        DeliveryDatabase.query(
                connection,
                "SELECT h.position - r.position FROM log.log_head h, delivery.reader r",
                row -> row.getLong(1))
            .getFirst());
  }

  private static Delivery read(ResultSet row) throws SQLException {
    String keyId = row.getString("key_id");
    long position = row.getLong("position");
    boolean isTest = row.wasNull();
    int status = row.getInt("response_status");
    boolean withoutResponse = row.wasNull();
    byte[] body = row.getBytes("response_body");
    return new Delivery(
        row.getLong("number"),
        row.getString("delivery_id"),
        row.getString("type"),
        keyId,
        isTest ? null : position,
        requireNonNull(STATUSES.get(row.getString("status")), "unknown status"),
        row.getInt("attempts"),
        row.getString("lease") == null ? DeliveryDatabase.time(row, "due_at") : null,
        withoutResponse ? null : status,
        body == null ? null : new String(body, UTF_8),
        requireNonNull(DeliveryDatabase.time(row, "created_at")));
  }
}
