package dev.keyledger.http.arrival;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Keeps the container from sending {@code 100 Continue} for a body that is too long and will not be
 * read.
 */
final class ContinueLimit extends ValveBase {
  ContinueLimit() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!response.isError()
        && request.getContentLengthLong() > BodyLength.max(request.getServletPath())) {
      request.getCoyoteRequest().setExpectation(false);
    }
    getNext().invoke(request, response);
  }
}
