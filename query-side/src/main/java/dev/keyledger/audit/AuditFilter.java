package dev.keyledger.audit;

import dev.keyledger.events.ActorType;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A filter on the entries of a workspace: an entry must match all components that are not null.
 *
 * @param keyId the key that the event is about
 * @param owner the owner of the key after the event
 * @param actorType the type of the actor
 * @param actorId the id of the actor; only with a type
 * @param type the type of the event
 * @param from the earliest time, inclusive
 * @param to the end of the times, exclusive
 */
public record AuditFilter(
    @Nullable KeyId keyId,
    @Nullable Owner owner,
    @Nullable ActorType actorType,
    @Nullable String actorId,
    @Nullable EventType type,
    @Nullable Instant from,
    @Nullable Instant to) {

  /** All entries. */
  public static final AuditFilter ALL = new AuditFilter(null, null, null, null, null, null, null);
}
