package dev.keyledger.audit;

import dev.keyledger.events.ActorType;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a workspace are wanted: those that fulfil all that is not null.
 *
 * @param keyId the key that the event is about
 * @param owner whose the key was after the event
 * @param actorType who acted
 * @param actorId likewise; only beside a type
 * @param type what happened
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
