package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * Information about a command that may be personal data. It is stored separately from the event, so
 * that it can be erased without changing what is hashed.
 *
 * @param reason the reason in the caller's words, up to 500 characters; null if not given
 * @param ip the caller's address; null if unknown
 * @param userAgent the caller's program; null if unknown
 */
public record EventContext(
    @Nullable String reason, @Nullable String ip, @Nullable String userAgent) {
  /** The context of a command without any. */
  public static final EventContext NONE = new EventContext(null, null, null);
}
