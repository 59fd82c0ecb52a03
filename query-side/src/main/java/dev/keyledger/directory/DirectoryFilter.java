package dev.keyledger.directory;

import dev.keyledger.events.ActorType;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.Owner;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter on the keys of a workspace: a key must match all components that are neither null nor
 * empty. The entries of a list are alternatives.
 *
 * @param owners the owners
 * @param statuses the statuses at the time of the query
 * @param permissions permissions, one of which the key holds literally
 * @param environment the environment
 * @param issuedByType the type of the issuer
 * @param issuedById the id of the issuer; only with a type
 * @param expiresBefore the end of the expiries, exclusive
 * @param unusedSince keys that were issued before this time and have no recorded use in its minute
 *     or later
 * @param text a part of the name or of the owner's id, or the beginning of the key id, in any case;
 *     or the last four characters or the whole of the hint
 */
public record DirectoryFilter(
    List<Owner> owners,
    List<KeyStatus> statuses,
    List<String> permissions,
    @Nullable Environment environment,
    @Nullable ActorType issuedByType,
    @Nullable String issuedById,
    @Nullable Instant expiresBefore,
    @Nullable Instant unusedSince,
    @Nullable String text) {

  /** The filter that matches all keys. */
  public static final DirectoryFilter ALL =
      new DirectoryFilter(List.of(), List.of(), List.of(), null, null, null, null, null, null);

  public DirectoryFilter {
    owners = List.copyOf(owners);
    statuses = List.copyOf(statuses);
    permissions = List.copyOf(permissions);
  }
}
