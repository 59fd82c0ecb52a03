package dev.keyledger.delivery;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WebhookChanged;
import dev.keyledger.events.WebhookCreated;
import dev.keyledger.events.WebhookDeleted;
import dev.keyledger.events.WebhookDisabled;
import dev.keyledger.events.WebhookEnabled;
import dev.keyledger.events.WebhookEvent;
import dev.keyledger.events.WebhookSecretRotated;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogRunner;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the deliveries of events, and maintains the rows of webhooks. A {@link LogRunner} calls it
 * in the transaction that moves its position, so that each delivery of an event is written exactly
 * once.
 *
 * <p>Deliveries of one webhook about one key are in order: one that is written while an earlier one
 * is pending waits, unless it is {@link #isUrgent urgent}. Stateless and therefore thread-safe.
 */
public final class DeliveryReader implements LogRunner.Application {
  /** The table of the position. */
  public static final String POSITIONS = "delivery.reader";

  /** The name of the row of the position. */
  public static final String NAME = "deliveries";

  /**
   * The query that locks the webhooks, so that no delivery is finished while others are added
   * behind it.
   */
  private static final String SUBSCRIPTIONS =
      """
      SELECT workspace, webhook_id, enabled, types, owner_type, owner_id FROM delivery.webhook
      WHERE workspace = ANY (?) AND NOT deleted ORDER BY webhook_id FOR UPDATE
      """;

  private static final String ADD =
      """
      INSERT INTO delivery.delivery (delivery_id, webhook_id, subject, type, key_id, owner_type,
        owner_id, position, in_order, due_at)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, true,
        CASE WHEN ? OR NOT EXISTS (
          SELECT FROM delivery.delivery
          WHERE webhook_id = ? AND subject = ? AND status = 'pending' AND in_order)
        THEN clock_timestamp() END
      """;

  private static final Map<String, OwnerType> OWNER_TYPES =
      Arrays.stream(OwnerType.values())
          .collect(Collectors.toUnmodifiableMap(OwnerType::toString, type -> type));

  private final EventCodec codec;
  private final InstantSource clock;

  public DeliveryReader(EventCodec codec, InstantSource clock) {
    this.codec = codec;
    this.clock = clock;
  }

  /** Returns whether the deliveries of an event skip the queue: the event ends the use of a key. */
  static boolean isUrgent(LedgerEvent event) {
    return event instanceof KeyRevoked
        || event instanceof KeySuspended
        || event instanceof SecretRetired;
  }

  @Override
  public void apply(Connection connection, List<LoggedEvent> events) throws SQLException {
    Map<String, Map<String, Subscription>> subscriptions = subscriptions(connection, events);
    Map<String, Owner> owners = ownersBefore(connection, events, subscriptions.keySet());
    var touched = new TreeSet<String>();
    try (PreparedStatement add = connection.prepareStatement(ADD)) {
      for (LoggedEvent event : events) {
        if (event.event() instanceof KeyEvent.NamesOwner naming) {
          owners.put(event.stream().id(), naming.owner());
        }
        Map<String, Subscription> ofWorkspace =
            subscriptions.computeIfAbsent(event.workspace(), _ -> new TreeMap<>());
        // A webhook receives events after its creation.
        List<Subscription> before = List.copyOf(ofWorkspace.values());
        if (event.event() instanceof WebhookEvent of) {
          applyToWebhook(connection, event, of, ofWorkspace);
        }
        Owner owner = owners.get(event.stream().id());
        String type = EventType.of(event.event()).wireName();
        for (Subscription known : before) {
          Subscription subscription = ofWorkspace.get(known.webhookId());
          if (subscription != null && subscription.wants(type, owner)) {
            set(add, event, type, owner, subscription);
            add.addBatch();
            touched.add(subscription.webhookId());
          }
        }
      }
      if (!touched.isEmpty()) {
        add.executeBatch();
      }
    }
    if (!touched.isEmpty()) {
      DeliveryDatabase.update(
          connection,
          "UPDATE delivery.webhook SET due_at = LEAST(due_at, clock_timestamp())"
              + " WHERE webhook_id = ANY (?)",
          touched);
    }
  }

  private void set(
      PreparedStatement add,
      LoggedEvent event,
      String type,
      @Nullable Owner owner,
      Subscription subscription)
      throws SQLException {
    boolean ofKey = event.stream().kind() == StreamId.Kind.KEY;
    String subject = event.stream().id();
    DeliveryDatabase.set(
        add,
        DeliveryId.DELIVERY.next(clock.instant()),
        subscription.webhookId(),
        subject,
        type,
        ofKey ? subject : null,
        owner == null ? null : owner.type().toString(),
        owner == null ? null : owner.id(),
        event.position(),
        isUrgent(event.event()),
        subscription.webhookId(),
        subject);
  }

  /** Returns the webhooks of the workspaces with events, in the order of ids. */
  private static Map<String, Map<String, Subscription>> subscriptions(
      Connection connection, List<LoggedEvent> events) throws SQLException {
    Set<String> workspaces =
        events.stream().map(LoggedEvent::workspace).collect(Collectors.toSet());
    var found = new HashMap<String, Map<String, Subscription>>();
    DeliveryDatabase.query(
        connection,
        SUBSCRIPTIONS,
        row ->
            found
                .computeIfAbsent(row.getString(1), _ -> new LinkedHashMap<>())
                .put(row.getString(2), subscription(row)),
        workspaces);
    return found;
  }

  private static Subscription subscription(ResultSet row) throws SQLException {
    Array types = row.getArray(4);
    return new Subscription(
        row.getString(2),
        row.getBoolean(3),
        types == null ? null : List.of((String[]) types.getArray()),
        ownerOf(row.getString(5), row.getString(6)));
  }

  static @Nullable Owner ownerOf(@Nullable String type, @Nullable String id) {
    return type == null || id == null
        ? null
        : new Owner(requireNonNull(OWNER_TYPES.get(type), "unknown type of owner"), id);
  }

  /** Returns the owners of the keys whose events a webhook may receive. */
  private Map<String, Owner> ownersBefore(
      Connection connection, List<LoggedEvent> events, Collection<String> workspaces)
      throws SQLException {
    Set<String> keyIds =
        events.stream()
            .filter(event -> workspaces.contains(event.workspace()))
            .filter(event -> event.event() instanceof KeyEvent)
            .map(event -> event.stream().id())
            .collect(Collectors.toSet());
    return keyIds.isEmpty()
        ? new HashMap<>()
        : LogReader.ownersBefore(connection, codec, keyIds, events.getFirst().position());
  }

  private void applyToWebhook(
      Connection connection,
      LoggedEvent logged,
      WebhookEvent event,
      Map<String, Subscription> subscriptions)
      throws SQLException {
    String id = event.webhookId();
    switch (event) {
      case WebhookCreated created -> {
        subscriptions.put(id, Subscription.of(created));
        create(connection, logged.workspace(), created);
      }
      case WebhookChanged changed -> {
        subscriptions.computeIfPresent(id, (_, before) -> before.changed(changed));
        DeliveryDatabase.update(
            connection,
            "UPDATE delivery.webhook SET types = ?, owner_type = ?, owner_id = ?, target = ?"
                + " WHERE webhook_id = ?",
            changed.types(),
            typeOf(changed.owner()),
            idOf(changed.owner()),
            changed.target(),
            id);
      }
      case WebhookSecretRotated rotated ->
          DeliveryDatabase.update(
              connection,
              "UPDATE delivery.webhook SET previous_secret = secret, secret = ?,"
                  + " overlap_ends_at = ? WHERE webhook_id = ?",
              rotated.secret(),
              rotated.overlapEndsAt().atOffset(ZoneOffset.UTC),
              id);
      case WebhookEnabled _ -> {
        subscriptions.computeIfPresent(id, (_, before) -> before.enabled(true));
        DeliveryDatabase.update(
            connection, "UPDATE delivery.webhook SET enabled = true WHERE webhook_id = ?", id);
      }
      case WebhookDisabled _ -> {
        subscriptions.computeIfPresent(id, (_, before) -> before.enabled(false));
        DeliveryDatabase.update(
            connection, "UPDATE delivery.webhook SET enabled = false WHERE webhook_id = ?", id);
      }
      case WebhookDeleted _ -> {
        subscriptions.remove(id);
        DeliveryDatabase.update(
            connection, "UPDATE delivery.webhook SET deleted = true WHERE webhook_id = ?", id);
      }
    }
  }

  private static void create(Connection connection, String workspace, WebhookCreated created)
      throws SQLException {
    DeliveryDatabase.update(
        connection,
        "INSERT INTO delivery.webhook (webhook_id, workspace, kind, types, owner_type, owner_id,"
            + " target, secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (webhook_id) DO NOTHING",
        created.webhookId(),
        workspace,
        created.kind().toString(),
        created.types(),
        typeOf(created.owner()),
        idOf(created.owner()),
        created.target(),
        created.secret());
  }

  private static @Nullable String typeOf(@Nullable Owner owner) {
    return owner == null ? null : owner.type().toString();
  }

  private static @Nullable String idOf(@Nullable Owner owner) {
    return owner == null ? null : owner.id();
  }
}
