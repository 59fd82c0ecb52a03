package dev.keyledger.http.arrival;

import jakarta.servlet.http.HttpServletRequest;

/** The length of bodies. */
public final class BodyLength {
  /** The maximum length of a body, except that of an import. */
  public static final int BYTES_MAX = 64 * 1024;

  /** The maximum length of a body that imports keys. */
  public static final int IMPORT_BYTES_MAX = 1024 * 1024;

  private static final String IMPORT = "/v1/keys/import";

  private BodyLength() {}

  /** Returns whether a request has a body. */
  static boolean hasBody(HttpServletRequest request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  /**
   * Returns the maximum length of the body of a request.
   *
   * @param path the path; another spelling of it is another path
   */
  public static int max(String path) {
    return path.equals(IMPORT) ? IMPORT_BYTES_MAX : BYTES_MAX;
  }
}
