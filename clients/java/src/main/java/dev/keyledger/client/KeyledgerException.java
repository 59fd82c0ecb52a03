package dev.keyledger.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a call does not succeed. Its subtypes are complete, and differ by what the caller can
 * do; {@link #problem} has the details if the service answered. Holds no secret.
 */
public abstract sealed class KeyledgerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient @Nullable Problem problem;

  private KeyledgerException(String message, @Nullable Problem problem, @Nullable Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  private KeyledgerException(Problem problem) {
    this(problem.toString(), problem, null);
  }

  /** Returns the service's description of the problem; empty if it did not answer with one. */
  public Optional<Problem> problem() {
    return Optional.ofNullable(problem);
  }

  /** Returns the code of the problem; {@link ProblemCode#OTHER} without one. */
  public ProblemCode code() {
    return problem == null ? ProblemCode.OTHER : problem.code();
  }

  /**
   * Thrown when the request is wrong, or outside limits or policy: sending it again does not help.
   */
  public static final class Invalid extends KeyledgerException {
    private static final long serialVersionUID = 1;

    Invalid(Problem problem) {
      super(problem);
    }
  }

  /** Thrown when the client's own credential is not valid. */
  public static final class Unauthorized extends KeyledgerException {
    private static final long serialVersionUID = 1;

    Unauthorized(Problem problem) {
      super(problem);
    }
  }

  /** Thrown when the client's own credential does not permit the call, or not for this key. */
  public static final class Forbidden extends KeyledgerException {
    private static final long serialVersionUID = 1;

    Forbidden(Problem problem) {
      super(problem);
    }
  }

  /** Thrown when there is no such thing in the workspace. */
  public static final class NotFound extends KeyledgerException {
    private static final long serialVersionUID = 1;

    NotFound(Problem problem) {
      super(problem);
    }
  }

  /** Thrown when the state of the key or the workspace does not allow the command. */
  public static final class Conflict extends KeyledgerException {
    private static final long serialVersionUID = 1;

    Conflict(Problem problem) {
      super(problem);
    }
  }

  /** Thrown when there were too many requests; nothing was done. */
  public static final class RateLimited extends KeyledgerException {
    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    RateLimited(Problem problem, Duration retryAfter) {
      super(problem);
      this.retryAfter = retryAfter;
    }

    /** Returns the pause before a retry; zero if the service named none. */
    public Duration retryAfter() {
      return retryAfter;
    }
  }

  /** Thrown when the service cannot be reached or cannot decide; nothing was done. */
  public static final class Unavailable extends KeyledgerException {
    private static final long serialVersionUID = 1;

    Unavailable(Problem problem) {
      super(problem);
    }

    Unavailable(String message, @Nullable Throwable cause) {
      super(message, null, cause);
    }
  }

  /**
   * Thrown when a command may or may not have been executed. The same call with the same {@link
   * #idempotencyKey} returns the first response if it was executed, and executes it if not.
   */
  public static final class OutcomeUnknown extends KeyledgerException {
    private static final long serialVersionUID = 1;

    private final String idempotencyKey;

    OutcomeUnknown(Problem problem, String idempotencyKey) {
      super(problem);
      this.idempotencyKey = idempotencyKey;
    }

    OutcomeUnknown(String message, String idempotencyKey, @Nullable Throwable cause) {
      super(message, null, cause);
      this.idempotencyKey = idempotencyKey;
    }

    /** Returns the Idempotency-Key for {@link CallOptions#idempotencyKey}; valid for 24 hours. */
    public String idempotencyKey() {
      return idempotencyKey;
    }
  }

  /** Thrown when the answer is not Keyledger's: another service or a proxy may be at the URL. */
  public static final class Unexpected extends KeyledgerException {
    private static final long serialVersionUID = 1;

    Unexpected(String message) {
      super(message, null, null);
    }
  }
}
