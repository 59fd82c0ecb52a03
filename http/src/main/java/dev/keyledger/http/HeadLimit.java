package dev.keyledger.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Enumeration;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Answers OPTIONS about the whole server. Refuses heads over the limit of {@link RequestHead},
 * because the container's own limit is higher, and heads that RFC 9112 does not allow but the
 * container does.
 */
final class HeadLimit extends ValveBase {
  HeadLimit() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    // A later valve answers what the container has refused already.
    HttpAnswer refusal = response.isError() ? null : refusalOf(request.getCoyoteRequest());
    if (refusal != null) {
      if (refusal.status() >= 400) {
        response.setHeader("Connection", "close");
      }
      ContainerConfiguration.send(refusal, response);
    } else {
      getNext().invoke(request, response);
    }
  }

  private static @Nullable HttpAnswer refusalOf(org.apache.coyote.Request request) {
    String path = ContainerProtocol.pathOf(request);
    String query = request.queryString().toString();
    if (isExceededBy(request, path, query)) {
      return RequestHead.tooLong();
    }
    if (path.equals(RequestTarget.SERVER)) {
      return RequestHead.optionsOfServer();
    }
    String method = request.getMethod();
    if (method == null || !RequestTarget.isMethod(method) || !RequestTarget.isValid(path, query)) {
      return RequestHead.malformed();
    }
    boolean isOld = !request.protocol().equals("HTTP/1.1");
    if (isOld
        && (!request.protocol().equals("HTTP/1.0")
            || request.getHeader("Transfer-Encoding") != null)) {
      return RequestHead.malformed();
    }
    return isOld || isExpectationKnown(request.getMimeHeaders())
        ? null
        : RequestHead.expectationFailed();
  }

  /** Returns whether the expectation is supported. The container looks at the first header only. */
  private static boolean isExpectationKnown(MimeHeaders headers) {
    for (Enumeration<String> values = headers.values("Expect"); values.hasMoreElements(); ) {
      if (!values.nextElement().strip().equalsIgnoreCase("100-continue")) {
        return false;
      }
    }
    return true;
  }

  private static boolean isExceededBy(
      org.apache.coyote.Request request, String path, @Nullable String query) {
    int line =
        RequestHead.lineBytes(
            request.getMethod() == null ? 0 : request.getMethod().length(), path, query);
    return RequestHead.isTooLong(path, line, headerBytes(request.getMimeHeaders()));
  }

  private static int headerBytes(MimeHeaders headers) {
    int bytes = 0;
    for (int i = 0; i < headers.size(); i++) {
      bytes += RequestHead.headerBytes(length(headers.getName(i)), length(headers.getValue(i)));
    }
    return bytes;
  }

  private static int length(@Nullable MessageBytes text) {
    return text == null ? 0 : Math.max(text.getLength(), 0);
  }
}
