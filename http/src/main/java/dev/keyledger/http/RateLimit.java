package dev.keyledger.http;

import dev.keyledger.access.Quota;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the headers that show a client the rest of its quota: {@code RateLimit-Policy} and {@code
 * RateLimit} (draft-ietf-httpapi-ratelimit-headers), and {@code Retry-After} if nothing is left.
 */
public final class RateLimit {
  /** The header with the seconds to wait. */
  public static final String RETRY_AFTER = "Retry-After";

  private RateLimit() {}

  /** Returns the headers of an answer to a request that was counted. */
  public static List<HttpAnswer.Header> headers(Quota<?> quota, Quota.Usage usage) {
    var headers = new ArrayList<HttpAnswer.Header>();
    headers.add(
        new HttpAnswer.Header(
            "RateLimit-Policy",
            "\"" + quota.name() + "\";q=" + quota.burst() + ";w=" + quota.window().toSeconds()));
    headers.add(
        new HttpAnswer.Header(
            "RateLimit",
            "\""
                + quota.name()
                + "\";r="
                + usage.remaining()
                + ";t="
                + wholeSeconds(usage.untilWhole())));
    if (!usage.granted()) {
      headers.add(new HttpAnswer.Header(RETRY_AFTER, retryAfter(usage)));
    }
    return headers;
  }

  /** Returns the seconds after which a retry can succeed, at least 1. */
  public static String retryAfter(Quota.Usage usage) {
    return Long.toString(Math.max(1, wholeSeconds(usage.untilNext())));
  }

  private static long wholeSeconds(Duration span) {
    return Math.ceilDiv(span.toMillis(), 1_000L);
  }
}
