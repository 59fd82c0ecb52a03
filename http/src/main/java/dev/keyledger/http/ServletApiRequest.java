package dev.keyledger.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that a servlet container received. Used by one thread at a time. */
public final class ServletApiRequest implements ApiRequest {
  private final HttpServletRequest request;
  private byte @Nullable [] body;

  /**
   * @param request the container's
   */
  public ServletApiRequest(HttpServletRequest request) {
    this.request = request;
  }

  /**
   * A request whose body was read already.
   *
   * @param body as far as it is of use: anything if the request says that it is longer
   */
  public ServletApiRequest(HttpServletRequest request, byte[] body) {
    this.request = request;
    this.body = body;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String path() {
    return request.getRequestURI();
  }

  @Override
  public @Nullable String query() {
    return request.getQueryString();
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getHeaders(name));
  }

  /** The bound is the same each time that the body is asked for. */
  @Override
  public byte[] body(int bytesMax) {
    if (request.getContentLengthLong() > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    byte[] read = body == null ? read(bytesMax + 1) : body;
    body = read;
    if (read.length > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    return read;
  }

  private byte[] read(int bytesMax) {
    try (InputStream stream = request.getInputStream()) {
      return stream.readNBytes(bytesMax);
    } catch (IOException brokenOff) {
      throw brokenOff();
    }
  }

  /** The refusal of a request whose body did not come whole. */
  public static ProblemException brokenOff() {
    return new ProblemException(ProblemCode.BAD_REQUEST, "The body broke off.");
  }

  @Override
  public String peerAddress() {
    return request.getRemoteAddr();
  }

  @Override
  public String requestId() {
    return RequestId.of(request);
  }
}
