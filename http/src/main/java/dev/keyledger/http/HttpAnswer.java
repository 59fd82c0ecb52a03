package dev.keyledger.http;

import java.util.List;
import java.util.stream.Stream;

/**
 * An answer, independent of the transport. The transport adds the headers of the connection and
 * Content-Length, and leaves out the body if the method is HEAD.
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
   * @param body not copied; empty for none
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

  /** Returns the body itself, which must not be changed. */
  public byte[] body() {
    return body;
  }

  /** Returns a copy in which a header replaces any of the same name. */
  public HttpAnswer with(String name, String value) {
    Stream<Header> others =
        headers.stream().filter(header -> !header.name().equalsIgnoreCase(name));
    return new HttpAnswer(
        status, Stream.concat(others, Stream.of(new Header(name, value))).toList(), body);
  }
}
