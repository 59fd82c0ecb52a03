package dev.keyledger.checking.http;

import dev.keyledger.access.Caller;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Environment;
import dev.keyledger.http.FieldError;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One check, as read from a body.
 *
 * @param key null if it is missing
 * @param cacheable whether the answer also has the data to judge the key again
 * @param maxAge the maximum staleness of the answering node; null for the node's own limit
 * @param workspace the workspace to search, for the root key only; null for the caller's
 */
record CheckRequest(
    @Nullable KeySecret key,
    List<Permission> anyOf,
    List<Permission> allOf,
    @Nullable String ip,
    Set<Environment> environments,
    boolean explain,
    boolean cacheable,
    @Nullable Duration maxAge,
    @Nullable String workspace) {

  /** The maximum number of permissions in one list. */
  static final int PERMISSIONS_MAX = 100;

  /** The maximum number of checks in a batch; the minimum is 1. */
  static final int BATCH_MAX = 100;

  /**
   * The maximum number of permissions that the checks of a batch require in total. Each is compared
   * with up to a hundred patterns of a key.
   */
  static final int BATCH_PERMISSIONS_MAX = 1000;

  /**
   * The maximum number of permissions that the explained checks of a batch require in total: as
   * many as one check can require. Each is compared with every pattern that a key has lost.
   */
  static final int EXPLAINED_PERMISSIONS_MAX = 2 * PERMISSIONS_MAX;

  /** An entry of a batch: a check, or the problem with it. */
  record Entry(@Nullable CheckRequest check, @Nullable ProblemException problem) {}

  /** The entries of a body, and the fields of it that are outside their limits. */
  record Body(List<Entry> entries, List<FieldError> errors) {
    /** Creates the body of one check. */
    static Body of(CheckRequest check, List<FieldError> errors) {
      return new Body(List.of(new Entry(check, null)), errors);
    }

    /** Returns the checks that can be decided. */
    List<CheckRequest> checks() {
      return entries.stream().map(Entry::check).filter(Objects::nonNull).toList();
    }

    /**
     * Refuses a body with fields outside their limits.
     *
     * @throws ProblemException with {@code invalid-field}
     */
    void requireWithinLimits() {
      if (!errors.isEmpty()) {
        throw outsideLimits(errors);
      }
    }
  }

  /** Returns the refusal of fields, one or more, that are outside their limits. */
  static ProblemException outsideLimits(List<FieldError> errors) {
    FieldError first = errors.getFirst();
    return new ProblemException(
        ProblemCode.INVALID_FIELD, first.field() + " " + first.message() + ".", errors);
  }

  /**
   * Returns the check as its caller may make it, after {@link Body#requireWithinLimits}.
   *
   * @throws ProblemException with {@code forbidden} if an operator names another workspace
   */
  Check of(Caller caller) {
    if (key == null) {
      throw new IllegalStateException("used before the limits were checked");
    }
    String where = workspace == null ? caller.workspace() : workspace;
    if (!where.equals(caller.workspace()) && !caller.actor().equals(Actor.ROOT)) {
      throw new ProblemException(
          ProblemCode.FORBIDDEN, "The credential acts in its own workspace only.");
    }
    return new Check(key, where, environments, anyOf, allOf, ip, explain);
  }
}
