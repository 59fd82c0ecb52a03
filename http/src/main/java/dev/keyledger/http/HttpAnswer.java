package dev.keyledger.http;

import java.util.List;
import java.util.stream.Stream;

/**
 * An answer, whatever transport carries it. The transport adds what belongs to the connection, and
 * Content-Length; it leaves the body out where the method is HEAD.
 *
 * <p>Immutable, as long as nobody writes into the body.
 */
public final class HttpAnswer {
  /** One header. */
  public record Header(String name, String value) {}

  private final int status;
  private final List<Header> headers;
  private final byte[] body;

  /**
   * An answer.
   *
   * @param body handed over, not copied; empty: none
   */
  public HttpAnswer(int status, List<Header> headers, byte[] body) {
    this.status = status;
    this.headers = List.copyOf(headers);
    this.body = body;
  }

  public int status() {
    return status;
  }

  public List<Header> headers() {
    return headers;
  }

  /** The body itself, to be read only. */
  public byte[] body() {
    return body;
  }

  /** The same answer with that header, in place of any of the same name. */
  public HttpAnswer with(String name, String value) {
    Stream<Header> others =
        headers.stream().filter(header -> !header.name().equalsIgnoreCase(name));
    return new HttpAnswer(
        status, Stream.concat(others, Stream.of(new Header(name, value))).toList(), body);
  }
}
