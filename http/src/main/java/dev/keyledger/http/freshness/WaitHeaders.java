package dev.keyledger.http.freshness;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads the headers by which a request asks to wait for a position. */
public final class WaitHeaders {
  /** The header with the token of a position that the source of the answer must have applied. */
  public static final String AT_LEAST = "Keyledger-At-Least";

  /** The header with the longest time to wait for that position. */
  public static final String WAIT = "Keyledger-Wait";

  /** The longest wait of a request without {@link #WAIT}. */
  public static final Duration WAIT_DEFAULT = Duration.ofSeconds(2);

  /** The longest time that a request may ask to wait. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(10);

  private WaitHeaders() {}

  /** Returns the token of the position to wait for, or null if the request names none. */
  static @Nullable String atLeast(ApiRequest request) {
    return request.header(AT_LEAST);
  }

  /**
   * Returns the longest wait of the request.
   *
   * @throws ProblemException with {@code bad-request} if the header is malformed, or longer than
   *     {@link #WAIT_MAX}
   */
  static Duration waitOf(ApiRequest request) {
    return waitOf(request, WAIT_DEFAULT);
  }

  /**
   * Returns the longest wait of the request, as {@link #waitOf(ApiRequest)} does.
   *
   * @param otherwise the longest wait without the header
   */
  static Duration waitOf(ApiRequest request, Duration otherwise) {
    String text = request.header(WAIT);
    if (text == null) {
      return otherwise;
    }
    try {
      Duration wait = IsoDuration.parse(text);
      if (wait.compareTo(WAIT_MAX) <= 0) {
        return wait;
      }
    } catch (IllegalArgumentException malformed) {
      throw ProblemException.unreadable(WAIT, String.valueOf(malformed.getMessage()));
    }
    throw ProblemException.unreadable(WAIT, "must be at most " + WAIT_MAX);
  }
}
