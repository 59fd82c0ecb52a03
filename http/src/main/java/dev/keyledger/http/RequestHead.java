package dev.keyledger.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Limits the head of a request, and refuses methods and targets that no operation may see, on every
 * port.
 */
public final class RequestHead {
  /** The maximum length of a head: the request line, all header lines and the empty line. */
  public static final int BYTES_MAX = 8 * 1024;

  /** The same for gateways' checks, which include all headers of their clients. */
  public static final int FORWARD_AUTH_BYTES_MAX = 32 * 1024;

  private static final int EMPTY_LINE = 2;
  private static final int BETWEEN_AND_VERSION = "  HTTP/1.1\r\n".length();
  private static final int COLON_AND_LINE_END = ": \r\n".length();

  private RequestHead() {}

  /** Returns the length of a request line. */
  public static int lineBytes(int method, String path, @Nullable String query) {
    int target = path.length() + (query == null ? 0 : 1 + query.length());
    return method + target + BETWEEN_AND_VERSION;
  }

  /** Returns the length of a header line with parts of these lengths. */
  public static int headerBytes(int name, int value) {
    return name + value + COLON_AND_LINE_END;
  }

  /**
   * Returns whether a head is over the limit.
   *
   * @param path as sent
   */
  public static boolean isTooLong(String path, int lineBytes, int headerBytes) {
    int max = RequestTarget.isForwardAuth(path) ? FORWARD_AUTH_BYTES_MAX : BYTES_MAX;
    return lineBytes + headerBytes + EMPTY_LINE > max;
  }

  /** Returns the answer to OPTIONS about the server as a whole (RFC 9110 section 9.3.7). */
  public static HttpAnswer optionsOfServer() {
    return options("GET, HEAD, POST, PUT, PATCH, OPTIONS", RequestId.make());
  }

  /**
   * Returns the answer to OPTIONS about a path.
   *
   * @param allowed the methods that exist there
   */
  public static HttpAnswer options(String allowed, String requestId) {
    return new HttpAnswer(
        204,
        List.of(
            new HttpAnswer.Header("Allow", allowed),
            new HttpAnswer.Header(RequestId.HEADER, requestId)),
        new byte[0]);
  }

  /** Returns the answer to input that is not HTTP. */
  public static HttpAnswer malformed() {
    return Problem.answer(
        new ProblemException(ProblemCode.BAD_REQUEST, "The request is not HTTP as it must be."),
        RequestId.make());
  }

  /** Returns the refusal of a request whose body cannot be read to its end. */
  public static ProblemException incompleteBody() {
    return new ProblemException(
        ProblemCode.BAD_REQUEST, "The body broke off, or its chunks are malformed.");
  }

  /** Returns the answer to an expectation other than {@code 100-continue}. */
  public static HttpAnswer expectationFailed() {
    return Problem.answer(
        new ProblemException(
            ProblemCode.EXPECTATION_FAILED, "The only known expectation is 100-continue."),
        RequestId.make());
  }

  /** Returns the answer to a head over the limit. */
  public static HttpAnswer tooLong() {
    return Problem.answer(
        new ProblemException(
            ProblemCode.HEADERS_TOO_LARGE,
            "The head of a request, its line and headers, has at most %d bytes (%d on %s)."
                .formatted(BYTES_MAX, FORWARD_AUTH_BYTES_MAX, RequestTarget.FORWARD_AUTH)),
        RequestId.make());
  }

  /** Returns the answer to a request that arrives too slowly. */
  public static HttpAnswer tooSlow() {
    return Problem.answer(
        new ProblemException(
            ProblemCode.REQUEST_TIMEOUT,
            "A request must arrive within 30 s, its head within 10 s, and at 1 KiB/s or more."),
        RequestId.make());
  }

  /** Returns the answer to a request whose source has too many unfinished requests. */
  public static HttpAnswer tooManyUnfinished() {
    return Problem.answer(
            new ProblemException(
                ProblemCode.RATE_LIMITED, "Too many requests of this source are unfinished."),
            RequestId.make())
        .with(RateLimit.RETRY_AFTER, "1");
  }
}
