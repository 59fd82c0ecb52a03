package dev.keyledger.http;

/** How long the head of a request may be, on every port. */
public final class RequestHead {
  /** The most bytes of the request line, and the most of all header lines together. */
  public static final int BYTES_MAX = 8 * 1024;

  private static final int BETWEEN_AND_VERSION = " ? HTTP/1.1\r\n".length();
  private static final int COLON_AND_LINE_END = ": \r\n".length();

  private RequestHead() {}

  /** The bytes of a request line with parts of these lengths. */
  public static int lineBytes(int method, int path, int query) {
    return method + path + query + BETWEEN_AND_VERSION;
  }

  /** The bytes of a header line with parts of these lengths. */
  public static int headerBytes(int name, int value) {
    return name + value + COLON_AND_LINE_END;
  }

  public static boolean isTooLong(int lineBytes, int headerBytes) {
    return lineBytes > BYTES_MAX || headerBytes > BYTES_MAX;
  }

  /** The answer to whoever does not speak HTTP. */
  public static HttpAnswer malformed() {
    return Problem.answer(
        new ProblemException(ProblemCode.BAD_REQUEST, "The request is not HTTP as it must be."),
        RequestId.make());
  }

  /** The answer to whoever sent more. */
  public static HttpAnswer tooLong() {
    return Problem.answer(
        new ProblemException(
            ProblemCode.HEADERS_TOO_LARGE,
            "The request line, and all headers together, have at most " + BYTES_MAX + " bytes."),
        RequestId.make());
  }
}
