package dev.keyledger.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that a servlet container received. Not thread-safe. */
public final class ServletApiRequest implements ApiRequest {
  private final HttpServletRequest request;
  private byte @Nullable [] body;

  /** Creates a request whose body is read on demand. */
  public ServletApiRequest(HttpServletRequest request) {
    this.request = request;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String path() {
    return ContainerProtocol.pathOf(request);
  }

  @Override
  public @Nullable String query() {
    return request.getQueryString();
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getHeaders(name));
  }

  /** Returns the body. Every call must have the same limit. */
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
    } catch (IOException incomplete) {
      throw RequestHead.incompleteBody();
    }
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
