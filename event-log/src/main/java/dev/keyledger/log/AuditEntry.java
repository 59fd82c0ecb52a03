package dev.keyledger.log;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An event as the audit, the export and webhooks show it.
 *
 * @param keyId the key that it is about; null: it is about a workspace
 * @param owner the owner of the key after the event; null exactly without a key
 * @param erased true if address, user agent and reason were erased; null if they were not
 * @param data the event's own fields, without any digest
 */
public record AuditEntry(
    long position,
    Instant time,
    String type,
    @Nullable String keyId,
    @Nullable Owner owner,
    Actor actor,
    @Nullable String ip,
    @Nullable String userAgent,
    String requestId,
    @Nullable String reason,
    @Nullable Boolean erased,
    ObjectNode data) {

  /**
   * Returns the entries of consecutive events of a key, oldest first.
   *
   * @param ownerBefore the owner before the first of them; null: they begin with the first event
   */
  public static List<AuditEntry> history(
      @Nullable Owner ownerBefore, List<LoggedEvent> events, EventCodec codec) {
    var entries = new ArrayList<AuditEntry>(events.size());
    Owner owner = ownerBefore;
    for (LoggedEvent event : events) {
      if (event.event() instanceof KeyEvent.NamesOwner naming) {
        owner = naming.owner();
      }
      entries.add(of(event, requireNonNull(owner, "the first event names the owner"), codec));
    }
    return entries;
  }

  /** Returns the entry of an event of a workspace. */
  public static AuditEntry ofWorkspace(LoggedEvent logged, EventCodec codec) {
    return of(logged, null, null, codec);
  }

  /**
   * Returns the entry of an event of a key.
   *
   * @param owner the owner of the key after the event
   */
  public static AuditEntry of(LoggedEvent logged, Owner owner, EventCodec codec) {
    return of(logged, logged.stream().id(), owner, codec);
  }

  private static AuditEntry of(
      LoggedEvent logged, @Nullable String keyId, @Nullable Owner owner, EventCodec codec) {
    EventContext context = logged.context();
    EventContext shown = context == null ? EventContext.NONE : context;
    return new AuditEntry(
        logged.position(),
        logged.time(),
        EventType.of(logged.event()).wireName(),
        keyId,
        owner,
        logged.actor(),
        shown.ip(),
        shown.userAgent(),
        logged.requestId(),
        shown.reason(),
        context == null ? true : null,
        codec.auditData(logged.event()));
  }

  /** Returns the entry without possible personal data: address, user agent and reason. */
  public AuditEntry withoutContext() {
    return new AuditEntry(
        position, time, type, keyId, owner, actor, null, null, requestId, null, null, data);
  }
}
