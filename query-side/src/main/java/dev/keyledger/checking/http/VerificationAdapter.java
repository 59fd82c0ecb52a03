package dev.keyledger.checking.http;

import dev.keyledger.http.HeadLimit;
import dev.keyledger.http.HttpAnswer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;

/**
 * Answers verification as soon as the container has taken a request apart: a check costs
 * microseconds, and what is in front of it should not cost more. All else goes on to the container,
 * and so do requests that may wait, for the {@link VerificationFilter}.
 */
final class VerificationAdapter implements Adapter {
  private static final int OK = 200;

  private final Adapter container;
  private final VerificationHandler handler;

  VerificationAdapter(Adapter container, VerificationHandler handler) {
    this.container = container;
    this.handler = handler;
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    if (!isServed(request, response)) {
      container.service(request, response);
      return;
    }
    var check = new CoyoteApiRequest(request);
    if (handler.mayWait(check)) {
      check.leaveToServlets();
      container.service(request, response);
    } else {
      send(handler.answer(check), response);
    }
  }

  /** What the container refuses, or our limit of heads does, is answered further on. */
  private boolean isServed(Request request, Response response) {
    return response.getStatus() == OK
        && handler.serves(request.requestURI().toString())
        && !HeadLimit.isExceededBy(request);
  }

  private static void send(HttpAnswer answer, Response response) throws IOException {
    response.setStatus(answer.status());
    for (HttpAnswer.Header header : answer.headers()) {
      response.getMimeHeaders().addValue(header.name()).setString(header.value());
    }
    if (answer.body().length > 0) {
      response.setContentLength(answer.body().length);
      response.doWrite(ByteBuffer.wrap(answer.body()));
    }
    response.action(ActionCode.CLOSE, null);
  }

  @Override
  public boolean prepare(Request request, Response response) throws Exception {
    return container.prepare(request, response);
  }

  @Override
  public boolean asyncDispatch(Request request, Response response, SocketEvent status)
      throws Exception {
    return container.asyncDispatch(request, response, status);
  }

  @Override
  public void log(Request request, Response response, long time) {
    container.log(request, response, time);
  }

  @Override
  public void checkRecycled(Request request, Response response) {
    container.checkRecycled(request, response);
  }

  @Override
  public String getDomain() {
    return container.getDomain();
  }
}
