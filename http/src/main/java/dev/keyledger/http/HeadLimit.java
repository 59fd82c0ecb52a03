package dev.keyledger.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/** Refuses heads over the limit of {@link RequestHead}; the container's own limit is higher. */
final class HeadLimit extends ValveBase {
  HeadLimit() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    // A later valve answers what the container has refused already.
    if (!response.isError() && isExceededBy(request.getCoyoteRequest())) {
      ContainerConfiguration.send(RequestHead.tooLong(), response);
      request.getCoyoteRequest().action(ActionCode.CLOSE, null);
    } else {
      getNext().invoke(request, response);
    }
  }

  private static boolean isExceededBy(org.apache.coyote.Request request) {
    int line =
        RequestHead.lineBytes(
            request.getMethod() == null ? 0 : request.getMethod().length(),
            length(request.requestURI()),
            length(request.queryString()));
    return RequestHead.isTooLong(line, headerBytes(request.getMimeHeaders()));
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
