package dev.keyledger.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Options of any call. Used by {@link Keyledger#with}; immutable.
 *
 * @param reason the reason for a command, for the audit; up to 500 characters, null for none
 * @param idempotencyKey identifies a command, so that sending it again does not execute it again;
 *     16 to 255 visible ASCII characters; null: a new one for each call
 * @param ifVersion the version that a key must have for a command on it; null: any
 * @param waitUntilApplied the longest wait of a revocation, suspension, rotation or change of
 *     conditions until every node has applied it, up to 10 s; null: no wait
 * @param atLeast a position token that reads and checks must take into account; null: the one of
 *     this client's own last command
 * @param deadline the time limit of a call; null: as the client was built
 */
public record CallOptions(
    @Nullable String reason,
    @Nullable String idempotencyKey,
    @Nullable Long ifVersion,
    @Nullable Duration waitUntilApplied,
    @Nullable String atLeast,
    @Nullable Duration deadline) {

  static final CallOptions NONE = new CallOptions(null, null, null, null, null, null);

  /** Returns options that say why. */
  public static CallOptions because(String reason) {
    return NONE.reason(reason);
  }

  /** Returns no options, to begin with. */
  public static CallOptions none() {
    return NONE;
  }

  /** Returns these options with another reason. */
  public CallOptions reason(String value) {
    return new CallOptions(value, idempotencyKey, ifVersion, waitUntilApplied, atLeast, deadline);
  }

  /** Returns these options with another Idempotency-Key, for one command only. */
  public CallOptions idempotencyKey(String value) {
    return new CallOptions(reason, value, ifVersion, waitUntilApplied, atLeast, deadline);
  }

  /** Returns these options with another required version. */
  public CallOptions ifVersion(long value) {
    return new CallOptions(reason, idempotencyKey, value, waitUntilApplied, atLeast, deadline);
  }

  /** Returns these options with another wait. */
  public CallOptions waitUntilApplied(Duration value) {
    return new CallOptions(reason, idempotencyKey, ifVersion, value, atLeast, deadline);
  }

  /** Returns these options with another position token. */
  public CallOptions atLeast(String value) {
    return new CallOptions(reason, idempotencyKey, ifVersion, waitUntilApplied, value, deadline);
  }

  /** Returns these options with another deadline. */
  public CallOptions deadline(Duration value) {
    return new CallOptions(reason, idempotencyKey, ifVersion, waitUntilApplied, atLeast, value);
  }
}
