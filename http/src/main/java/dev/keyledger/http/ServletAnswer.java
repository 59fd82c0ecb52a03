package dev.keyledger.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Writes answers to a servlet container. */
public final class ServletAnswer {
  private ServletAnswer() {}

  /**
   * Writes an answer. Sets the status last, so that an Error before that leaves the earlier status.
   *
   * @throws IOException if the client has left
   */
  public static void send(HttpAnswer answer, HttpServletResponse response) throws IOException {
    for (HttpAnswer.Header header : answer.headers()) {
      response.setHeader(header.name(), header.value());
    }
    if (answer.body().length == 0) {
      response.setStatus(answer.status());
    } else {
      response.setContentLength(answer.body().length);
      response.setStatus(answer.status());
      response.getOutputStream().write(answer.body());
    }
  }
}
