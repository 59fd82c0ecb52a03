package dev.keyledger.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names one request, in its answer, in every log line and in the events that it causes. */
public final class RequestId {
  /** The header of the answer that carries it. */
  public static final String HEADER = "Keyledger-Request-Id";

  /** Its name among the log's key-value pairs. */
  public static final String LOG_KEY = "requestId";

  private static final String ATTRIBUTE = RequestId.class.getName();

  private RequestId() {}

  /** The id of the request; made when first asked for. */
  public static String of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof String known) {
      return known;
    }
    String made = make();
    request.setAttribute(ATTRIBUTE, made);
    return made;
  }

  /** A new id; unique, but no secret. */
  public static String make() {
    var random = ThreadLocalRandom.current();
    var hex = HexFormat.of();
    return "req_" + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
