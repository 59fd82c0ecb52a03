package dev.keyledger.access.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that a servlet container received.
 *
 * @param request the container's
 */
public record ServletApiRequest(HttpServletRequest request) implements ApiRequest {
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

  @Override
  public byte[] body(int bytesMax) {
    if (request.getContentLengthLong() > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    try (InputStream body = request.getInputStream()) {
      byte[] bytes = body.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw ProblemException.tooLarge(bytesMax);
      }
      return bytes;
    } catch (IOException brokenOff) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The body broke off.");
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
