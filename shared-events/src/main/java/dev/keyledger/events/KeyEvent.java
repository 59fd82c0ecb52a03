package dev.keyledger.events;

/** A fact in the life of one API key; the key's id is the id of the event's stream. */
public sealed interface KeyEvent extends LedgerEvent
    permits KeyIssued,
        KeyImported,
        KeyRenewed,
        KeyRotated,
        SecretRetired,
        KeySuspended,
        KeyResumed,
        KeyRevoked,
        PermissionsChanged,
        RestrictionsChanged,
        KeyDescribed,
        KeyTransferred,
        LeakReported,
        ExpiryApproaching,
        KeyExpired {

  /**
   * Whether the event moves the key's {@code version}: what a command caused does, what a timer
   * noted does not.
   */
  default boolean movesVersion() {
    return true;
  }
}
