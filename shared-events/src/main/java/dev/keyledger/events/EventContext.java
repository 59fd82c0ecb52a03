package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * What is said about a command and may be personal data; kept beside the event, so that it can be
 * erased without changing what is hashed.
 *
 * @param reason why, in the caller's words, up to 500 characters; null if not said or erased
 * @param ip the caller's address; null if unknown or erased
 * @param userAgent the caller's program; null if unknown or erased
 */
public record EventContext(
    @Nullable String reason, @Nullable String ip, @Nullable String userAgent) {
  /** Nothing was said, or it was erased. */
  public static final EventContext NONE = new EventContext(null, null, null);
}
