package dev.keyledger.directory;

import dev.keyledger.events.ActorType;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.Owner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of a workspace are wanted: those that fulfil all that is not null.
 *
 * @param owner whose they are
 * @param status how they stand at the time of asking
 * @param permission a permission that they hold literally
 * @param environment where they are good
 * @param issuedByType who issued them
 * @param issuedById likewise; only beside a type
 * @param expiresBefore before when they expire, exclusive
 * @param unusedSince since when they were not used, whole minutes counted as used: those that were
 *     issued before and, as far as it was written down, not used in that minute or later
 * @param text part of the name in any case, the whole key id, or the beginning of the owner's id
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
