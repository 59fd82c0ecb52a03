package dev.keyledger.log;

/** Thrown when the PostgreSQL is older than {@link LedgerDatabase#OLDEST_VERSION}. */
public final class UnsupportedPostgresException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  UnsupportedPostgresException(int version) {
    super(
        "Keyledger needs PostgreSQL %d or newer, this is %d"
            .formatted(LedgerDatabase.OLDEST_VERSION, version));
  }
}
