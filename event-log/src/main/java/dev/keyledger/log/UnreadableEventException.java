package dev.keyledger.log;

import org.jspecify.annotations.Nullable;

/**
 * An event that this version of Keyledger cannot read. It must never be skipped: it may be the one
 * that takes a key out of use.
 */
public final class UnreadableEventException extends RuntimeException {
  UnreadableEventException(String type, int version, String why, @Nullable Throwable cause) {
    super("event " + type + " version " + version + " cannot be read: " + why, cause);
  }
}
