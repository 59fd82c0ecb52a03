package dev.keyledger.log;

import org.jspecify.annotations.Nullable;

/** Thrown when the log cannot be used at present. Nothing was done; the caller may retry later. */
public final class StoreUnavailableException extends RuntimeException {
  public StoreUnavailableException(String message) {
    super(message);
  }

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
