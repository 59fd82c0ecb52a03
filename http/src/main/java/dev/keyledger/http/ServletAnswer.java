package dev.keyledger.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Writes answers where a servlet container carries them. */
public final class ServletAnswer {
  private ServletAnswer() {}

  /**
   * Writes the answer. The status is set last, so that an Error on the way leaves the one that was
   * set before.
   *
   * @throws IOException if nobody is there to read it
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
