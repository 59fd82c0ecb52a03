package dev.keyledger.verification.decision;

/** The outcomes of a check; the first that applies, in this order, is its code. */
public enum DecisionCode {
  MALFORMED,
  NOT_FOUND,
  REVOKED,
  ROTATED_OUT,
  SUSPENDED,
  NOT_YET_ACTIVE,
  EXPIRED,
  WRONG_ENVIRONMENT,
  IP_NOT_ALLOWED,
  INSUFFICIENT_PERMISSIONS,
  VALID
}
