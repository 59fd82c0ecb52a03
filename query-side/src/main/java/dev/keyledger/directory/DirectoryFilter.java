package dev.keyledger.directory;

import dev.keyledger.events.ActorType;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A filter on the keys of a workspace: a key must match all components that are not null.
 *
 * @param owner the owner
 * @param status the status at the time of the query
 * @param permission a permission that the key holds literally
 * @param environment the environment
 * @param issuedByType the type of the issuer
 * @param issuedById the id of the issuer; only with a type
 * @param expiresBefore the end of the expiries, exclusive
 * @param unusedSince keys that were issued before this time and, as far as was written, not used in
 *     its minute or later
 * @param text a part of the name or of the owner's id, or the beginning of the key id, in any case;
 *     or the last four characters or the whole of the hint
 */
public record DirectoryFilter(
    @Nullable Owner owner,
    @Nullable KeyStatus status,
    @Nullable String permission,
    @Nullable Environment environment,
    @Nullable ActorType issuedByType,
    @Nullable String issuedById,
    @Nullable Instant expiresBefore,
    @Nullable Instant unusedSince,
    @Nullable String text) {

  /** All keys. */
  public static final DirectoryFilter ALL =
      new DirectoryFilter(null, null, null, null, null, null, null, null, null);
}
