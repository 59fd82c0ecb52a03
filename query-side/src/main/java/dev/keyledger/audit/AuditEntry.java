package dev.keyledger.audit;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.log.EventCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One event as the audit shows it.
 *
 * @param owner the owner of the key after the event
 * @param data the event's own fields, without any digest
 */
public record AuditEntry(
    long position,
    Instant time,
    String type,
    String keyId,
    Owner owner,
    Actor actor,
    @Nullable String ip,
    @Nullable String userAgent,
    String requestId,
    @Nullable String reason,
    ObjectNode data) {

  /** The entries of all events of one key, oldest first. */
  public static List<AuditEntry> history(List<LoggedEvent> events, EventCodec codec) {
    var entries = new ArrayList<AuditEntry>(events.size());
    KeyView key = null;
    for (LoggedEvent event : events) {
      key = KeyView.after(key, event);
      entries.add(of(event, key.facts().owner(), codec));
    }
    return entries;
  }

  /**
   * The entry of one event.
   *
   * @param owner the owner of the key after the event
   */
  static AuditEntry of(LoggedEvent logged, Owner owner, EventCodec codec) {
    return new AuditEntry(
        logged.position(),
        logged.time(),
        EventType.of(logged.event()).wireName(),
        logged.stream().id(),
        owner,
        logged.actor(),
        logged.context().ip(),
        logged.context().userAgent(),
        logged.requestId(),
        logged.context().reason(),
        codec.auditData(logged.event()));
  }
}
