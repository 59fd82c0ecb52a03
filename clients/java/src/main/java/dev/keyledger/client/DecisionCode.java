package dev.keyledger.client;

/** The outcomes of a check, in order of precedence: the first that applies is the code. */
public enum DecisionCode {
  MALFORMED,
  NOT_FOUND,
  REVOKED,
  ROTATED_OUT,
  SUSPENDED,
  NOT_YET_ACTIVE,
  EXPIRED,
  ISSUER_INVALID,
  WRONG_ENVIRONMENT,
  IP_NOT_ALLOWED,
  INSUFFICIENT_PERMISSIONS,
  VALID,
  /** A code that this version of the client does not know: not valid. */
  OTHER
}
