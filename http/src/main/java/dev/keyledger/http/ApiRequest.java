package dev.keyledger.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request as a transport received it, neither decoded nor checked. */
public interface ApiRequest {
  /** Returns the method, as sent. */
  String method();

  /** Returns the path, as sent: still encoded, without the query. */
  String path();

  /** Returns the text after the question mark, as sent; null if there is none. */
  @Nullable String query();

  /** Returns the values of all headers with a name, ignoring case, in the order sent. */
  List<String> headers(String name);

  /**
   * Returns the value of a header that may be sent once, or null if it is absent.
   *
   * @throws ProblemException with {@code bad-request} if it is repeated
   */
  default @Nullable String header(String name) {
    List<String> values = headers(name);
    if (values.size() > 1) {
      throw ProblemException.unreadable(name, "must be given once");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /**
   * Returns the whole body; empty if there is none.
   *
   * @param bytesMax the maximum length; at most one byte more is read
   * @throws ProblemException with {@code too-large} if the body is longer, with {@code bad-request}
   *     if it is incomplete
   */
  byte[] body(int bytesMax);

  /** Returns the address of the peer that opened the connection, an IP literal. */
  String peerAddress();

  /** Returns the id of this request. */
  String requestId();
}
