package dev.keyledger.log;

import org.jspecify.annotations.Nullable;

/** The log cannot be used now; nothing was done, so that the caller may try again later. */
public final class StoreUnavailableException extends RuntimeException {
  public StoreUnavailableException(String message) {
    super(message);
  }

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
