package dev.keyledger.checking.http;

import dev.keyledger.events.Environment;
import dev.keyledger.http.FieldError;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One check as a body has it.
 *
 * @param key null if it is missing
 * @param maxAge how long ago the answering node may last have heard of the log
 */
record CheckRequest(
    @Nullable KeySecret key,
    List<Permission> anyOf,
    List<Permission> allOf,
    @Nullable String ip,
    Set<Environment> environments,
    boolean explain,
    Duration maxAge) {

  /** The most permissions in one list. */
  static final int PERMISSIONS_MAX = 100;

  /** The most checks in a batch; the least is 1. */
  static final int BATCH_MAX = 100;

  /** What a body asks for, and which of it is outside the limits. */
  record Body(List<CheckRequest> checks, List<FieldError> errors) {
    /**
     * @throws ProblemException with {@code invalid-field} if anything is outside the limits
     */
    void requireWithinLimits() {
      if (!errors.isEmpty()) {
        FieldError first = errors.getFirst();
        throw new ProblemException(
            ProblemCode.INVALID_FIELD, first.field() + " " + first.message() + ".", errors);
      }
    }
  }

  /** The check, once the body was found to be within the limits. */
  Check in(String workspace) {
    if (key == null) {
      throw new IllegalStateException("used before the limits were checked");
    }
    return new Check(key, workspace, environments, anyOf, allOf, ip, explain);
  }
}
