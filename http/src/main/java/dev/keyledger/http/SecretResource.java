package dev.keyledger.http;

import dev.keyledger.events.KeyView;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.log.LastUse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A secret of a key as the API shows it: the current one, or the old one in its overlap.
 *
 * @param lastUsedAt the minute of its last use; null if there is none, or it is left out
 * @param endsAt the end of its overlap; null for the current one, and while the overlap waits for
 *     the first use of the current one
 */
public record SecretResource(
    int generation,
    @Nullable String secretHint,
    @Nullable Instant lastUsedAt,
    @Nullable Instant endsAt) {

  /** Returns the secrets of a key as of a time, the current one first. */
  static List<SecretResource> of(KeyView view, Instant now, @Nullable LastUse used) {
    Secrets secrets = view.facts().secrets();
    SecretResource current = of(secrets.generation(), secrets.current(), used, null);
    Secrets.Previous previous = secrets.previousAliveAt(now);
    return previous == null
        ? List.of(current)
        : List.of(
            current, of(secrets.generation() - 1, previous.secret(), used, previous.knownEnd(now)));
  }

  private static SecretResource of(
      int generation, StoredSecret secret, @Nullable LastUse used, @Nullable Instant endsAt) {
    return new SecretResource(
        generation, secret.hint(), used == null ? null : used.of(generation), endsAt);
  }
}
