package dev.keyledger.http.freshness;

import dev.keyledger.access.Source;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.InvalidPositionTokenException;
import dev.keyledger.log.PositionTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits until this node has applied the position or time that a request must see. Thread-safe. */
public final class Freshness {
  /** The maximum staleness of a node's data about operators, for a query or a check. */
  public static final Duration STALENESS_MAX = Duration.ofMinutes(1);

  /** The maximum staleness of a node's data about operators, for a command. */
  public static final Duration COMMAND_STALENESS_MAX = Duration.ofSeconds(5);

  /** The longest wait of a request for this node's index where the client cannot choose it. */
  public static final Duration INDEX_WAIT_MAX = Duration.ofSeconds(2);

  /** The maximum distance of a requested time into the future, and the longest wait for it. */
  private static final Duration TIME_WAIT_MAX = Duration.ofSeconds(2);

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final PositionTokens tokens;
  private final AppliedLog log;
  private final WaitLimit limit;

  public Freshness(PositionTokens tokens, AppliedLog log, WaitLimit limit) {
    this.tokens = tokens;
    this.log = log;
    this.limit = limit;
  }

  /** Returns the position of this node's index. */
  public AppliedPosition index() {
    return log::await;
  }

  /**
   * Waits until the position in the request's header {@code Keyledger-At-Least} is applied, for as
   * long as its header {@code Keyledger-Wait} allows. Does nothing if the request names no
   * position.
   *
   * @param source the source of the request; called only if it waits
   * @return whether the request names a position
   * @throws ProblemException with {@code bad-request} if a header is malformed; otherwise as {@link
   *     #await}
   */
  public boolean awaitAtLeast(
      ApiRequest request, Supplier<Source> source, AppliedPosition applied) {
    String token = WaitHeaders.atLeast(request);
    Duration max = WaitHeaders.waitOf(request);
    if (token == null) {
      return false;
    }
    await(token, source, applied, max);
    return true;
  }

  /**
   * Waits until this node's index has applied the position of a token, for as long as the header
   * {@code Keyledger-Wait} of the request allows.
   *
   * @param source the source of the request; called only if it waits
   * @return the position
   * @throws ProblemException with {@code bad-request} if the header is malformed; otherwise as
   *     {@link #await}
   */
  public long awaitPosition(String token, ApiRequest request, Supplier<Source> source) {
    await(token, source, index(), WaitHeaders.waitOf(request));
    return positionOf(token);
  }

  /**
   * Waits until the position of a token is applied.
   *
   * @param source the source of the request; called only if it waits
   * @param applied the applied position of the answer's source
   * @param max the longest wait
   * @throws ProblemException with {@code invalid-position-token} if this log did not issue the
   *     token; with {@code not-yet-applied} after the longest wait, or too many requests wait
   */
  public void await(String token, Supplier<Source> source, AppliedPosition applied, Duration max) {
    long position = positionOf(token);
    if (applied.await(position, Duration.ZERO)) {
      return;
    }
    try (var _ = limit.acquire(source.get())) {
      if (!applied.await(position, max)) {
        throw new ProblemException(
            ProblemCode.NOT_YET_APPLIED, "The position was not reached within the wait.");
      }
    }
  }

  /**
   * Waits until this node's index has applied the position that the request names, as {@link
   * #awaitAtLeast} does. Does nothing if the request names no position, or a malformed one, which
   * is refused later.
   *
   * @return whether the position was not applied before
   * @throws ProblemException with {@code not-yet-applied} after the longest wait, or too many
   *     requests wait
   */
  public boolean awaitIndexAhead(ApiRequest request, Supplier<Source> source) {
    try {
      String token = WaitHeaders.atLeast(request);
      if (token == null || log.await(positionOf(token), Duration.ZERO)) {
        return false;
      }
      await(token, source, index(), WaitHeaders.waitOf(request));
      return true;
    } catch (ProblemException problem) {
      if (problem.code() == ProblemCode.NOT_YET_APPLIED) {
        throw problem;
      }
      return false;
    }
  }

  /**
   * Returns the position of a token.
   *
   * @throws ProblemException with {@code invalid-position-token} if this log did not issue the
   *     token
   */
  public long positionOf(String token) {
    try {
      return tokens.read(token);
    } catch (InvalidPositionTokenException forged) {
      throw new ProblemException(
          ProblemCode.INVALID_POSITION_TOKEN, "The token was not issued by this store.");
    }
  }

  /**
   * Waits until this node's index has applied a position.
   *
   * @param max the longest wait
   * @return whether the position is applied
   */
  public boolean awaitIndex(long position, Duration max) {
    return log.await(position, max);
  }

  /**
   * Waits until a position is applied.
   *
   * @param applied the position that the answer is read at
   * @param max how long to wait
   * @param detail the detail of the problem
   * @throws ProblemException with {@code not-yet-applied} if the time is over
   */
  public static void require(AppliedPosition applied, long position, Duration max, String detail) {
    if (!applied.await(position, max)) {
      throw new ProblemException(ProblemCode.NOT_YET_APPLIED, detail);
    }
  }

  /**
   * Looks for a value repeatedly until another part of this node has applied what it comes from.
   *
   * @param max how long to wait
   * @param workspace the workspace of the caller
   * @return empty if the time is over
   * @throws ProblemException with {@code not-yet-applied} if too many requests wait
   */
  public <T> Optional<T> awaitValue(Supplier<Optional<T>> value, Duration max, String workspace) {
    Optional<T> found = value.get();
    if (found.isPresent()) {
      return found;
    }
    try (var _ = limit.acquire(workspace)) {
      long begun = System.nanoTime();
      while (found.isEmpty() && System.nanoTime() - begun < max.toNanos()) {
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
        found = value.get();
      }
      return found;
    }
  }

  /**
   * Waits until this node has applied everything up to a time of the log. Blocks the thread, which
   * must not be one of the container's.
   *
   * @param workspace the workspace of the caller
   * @return whether it has; false at once if the time is too far ahead
   * @throws ProblemException with {@code not-yet-applied} if too many requests wait
   */
  public boolean awaitTime(Instant time, String workspace) {
    if (log.awaitTime(time, Duration.ZERO)) {
      return true;
    }
    if (time.isAfter(log.asOf().plus(TIME_WAIT_MAX))) {
      return false;
    }
    try (var _ = limit.acquire(workspace)) {
      return log.awaitTime(time, TIME_WAIT_MAX);
    }
  }
}
