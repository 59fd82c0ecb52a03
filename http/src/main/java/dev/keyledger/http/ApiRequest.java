package dev.keyledger.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request as some transport received it: nothing decoded, nothing judged. */
public interface ApiRequest {
  /** The method, as sent. */
  String method();

  /** The path, as sent: still encoded, without the query. */
  String path();

  /** The text behind the question mark, as sent; null if there is none. */
  @Nullable String query();

  /** The values of all headers of that name, whatever its case, in the order sent. */
  List<String> headers(String name);

  /**
   * The whole body; empty if there is none.
   *
   * @param bytesMax the most bytes; no more than one byte beyond is ever read
   * @throws ProblemException with {@code too-large} if it has more, with {@code bad-request} if it
   *     breaks off
   */
  byte[] body(int bytesMax);

  /** The address of whoever opened the connection: an IP literal. */
  String peerAddress();

  /** The id of this request. */
  String requestId();
}
