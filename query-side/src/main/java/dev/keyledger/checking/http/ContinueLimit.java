package dev.keyledger.checking.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Keeps the container from sending {@code 100 Continue} for a body that is too long for a check and
 * will not be read.
 */
final class ContinueLimit extends ValveBase {
  private final VerificationHandler handler;

  ContinueLimit(VerificationHandler handler) {
    super(true);
    this.handler = handler;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!response.isError()
        && request.getContentLengthLong() > VerificationHandler.BODY_BYTES_MAX
        && handler.serves(request.getRequestURI())) {
      request.getCoyoteRequest().setExpectation(false);
    }
    getNext().invoke(request, response);
  }
}
