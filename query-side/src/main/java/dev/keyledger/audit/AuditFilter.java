package dev.keyledger.audit;

import dev.keyledger.events.ActorType;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter on the entries of a workspace: an entry must match all components that are neither null
 * nor empty. The entries of a list are alternatives.
 *
 * @param keyId the key that the event is about
 * @param owners the owners of the key after the event
 * @param actorTypes the types of the actor
 * @param actorId the id of the actor; only with types
 * @param types the types of the event
 * @param from the earliest time, inclusive
 * @param to the end of the times, exclusive
 */
public record AuditFilter(
    @Nullable KeyId keyId,
    List<Owner> owners,
    List<ActorType> actorTypes,
    @Nullable String actorId,
    List<EventType> types,
    @Nullable Instant from,
    @Nullable Instant to) {

  /** The filter that matches all entries. */
  public static final AuditFilter ALL =
      new AuditFilter(null, List.of(), List.of(), null, List.of(), null, null);

  public AuditFilter {
    owners = List.copyOf(owners);
    actorTypes = List.copyOf(actorTypes);
    types = List.copyOf(types);
  }
}
