package dev.keyledger.http.arrival;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ContinueResponseTiming;

/**
 * Controls how the container treats a body that is not read completely. By default it would read
 * the rest after the answer, and wait for it on one of its threads.
 */
final class BodyValve extends ValveBase {
  private static final String CONTAINER_REQUEST = BodyValve.class.getName() + ".request";
  private static final String LEFT_UNREAD = BodyValve.class.getName() + ".leftUnread";

  BodyValve() {
    super(true);
  }

  /** Keeps the container from sending {@code 100 Continue} for a body that is too long. */
  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    if (!response.isError() && BodyLength.hasBody(request)) {
      if (request.getContentLengthLong() > BodyLength.max(request.getServletPath())) {
        request.getCoyoteRequest().setExpectation(false);
      }
      request.setAttribute(CONTAINER_REQUEST, request);
    }
    getNext().invoke(request, response);
    if (request.getAttribute(LEFT_UNREAD) != null && !request.isAsync()) {
      int status = response.getStatus();
      response.flushBuffer();
      leaveUnread(request);
      response.getCoyoteResponse().setStatus(status); // not that of an error of the server
    }
  }

  /** Keeps a container from sending {@code 100 Continue} before the body is known to be needed. */
  static void deferContinue(Connector connector) {
    connector.setProperty(
        "continueResponseTiming", ContinueResponseTiming.ON_REQUEST_BODY_READ.toString());
  }

  /** Sends {@code 100 Continue} to a client that waits for it with its body. */
  static void sendContinue(HttpServletRequest request) {
    if (request.getAttribute(CONTAINER_REQUEST) instanceof Request received) {
      received.getCoyoteRequest().action(ActionCode.ACK, ContinueResponseTiming.ALWAYS);
      received.getCoyoteRequest().setExpectation(false); // sent once
    }
  }

  /** Makes the container close the connection after the answer of the next dispatch. */
  static void leaveUnreadAfterDispatch(HttpServletRequest request) {
    request.setAttribute(LEFT_UNREAD, true);
  }

  /** Makes the container close the connection of a request that has been answered. */
  static void leaveUnread(HttpServletRequest request) {
    if (request.getAttribute(CONTAINER_REQUEST) instanceof Request received) {
      received.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    }
  }
}
