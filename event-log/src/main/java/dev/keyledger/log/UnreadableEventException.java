package dev.keyledger.log;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when this version of Keyledger cannot read an event. Such an event must never be skipped:
 * it could be a revocation.
 */
public final class UnreadableEventException extends RuntimeException {
  UnreadableEventException(String type, int version, String why, @Nullable Throwable cause) {
    super("cannot read event " + type + " version " + version + ": " + why, cause);
  }
}
