package dev.keyledger.http;

import dev.keyledger.access.SourceQuota;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a source how much of a quota it has left: by the headers {@code RateLimit-Policy} and
 * {@code RateLimit} (draft-ietf-httpapi-ratelimit-headers), and by {@code Retry-After} once nothing
 * is left.
 */
public final class RateLimit {
  /** The header that says how long to wait, in seconds. */
  public static final String RETRY_AFTER = "Retry-After";

  private RateLimit() {}

  /** What an answer tells that took from the quota, or would have. */
  public static List<HttpAnswer.Header> headers(SourceQuota quota, SourceQuota.Usage usage) {
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

  /** The seconds after which another try makes sense: one at least. */
  public static String retryAfter(SourceQuota.Usage usage) {
    return Long.toString(Math.max(1, wholeSeconds(usage.untilNext())));
  }

  private static long wholeSeconds(Duration span) {
    return Math.ceilDiv(span.toMillis(), 1_000L);
  }
}
