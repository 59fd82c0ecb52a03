package dev.keyledger.client;

/** The reason of a revocation. */
public enum RevocationReason {
  UNSPECIFIED,
  COMPROMISED,
  LEAKED,
  SUPERSEDED,
  OWNER_LEFT,
  NO_LONGER_USED,
  POLICY,
  /** A reason that this version of the client does not know; not for requests. */
  OTHER
}
