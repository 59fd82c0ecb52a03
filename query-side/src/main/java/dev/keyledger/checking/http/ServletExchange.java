package dev.keyledger.checking.http;

import static dev.keyledger.checking.http.VerificationHandler.BODY_BYTES_MAX;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.RequestId;
import dev.keyledger.http.ServletAnswer;
import dev.keyledger.http.ServletApiRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request for verification on the main port, and its answer. Neither a slow body nor a check that
 * waits occupies a thread of the container: the body is read without blocking, and a virtual thread
 * waits. A request whose body has arrived, or that has none, is answered on its own thread.
 *
 * <p>Used by one thread at a time. The status is a refusal until there is an answer, so that a
 * failure lets nobody pass.
 */
final class ServletExchange implements ReadListener {
  private static final long NEVER = 0;
  private static final int CHUNK_BYTES = 8 * 1024;
  private static final byte[] NO_BYTES = {};
  private static final Logger LOG = LoggerFactory.getLogger(ServletExchange.class);

  private final VerificationHandler handler;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final ServletInputStream stream;

  /** The length of the body according to the head; negative if it is unknown. */
  private final long length;

  private @Nullable ByteArrayOutputStream body;
  private @Nullable AsyncContext suspended;

  ServletExchange(
      VerificationHandler handler, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    this.handler = handler;
    this.request = request;
    this.response = response;
    this.stream = request.getInputStream();
    this.length = request.getContentLengthLong();
  }

  /** Answers the request, now or when its body has arrived. */
  void begin() throws IOException {
    response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
    if (length > BODY_BYTES_MAX) {
      answerUnread();
      return;
    }
    // For a chunked body, available() does not tell whether a read would block.
    while (length > 0 && !stream.isFinished() && stream.available() > 0) {
      readAvailable();
    }
    if (stream.isFinished()) {
      answer();
    } else {
      suspend();
      stream.setReadListener(this);
    }
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (!stream.isFinished() && stream.isReady()) {
      readAvailable();
      if (body != null && body.size() > BODY_BYTES_MAX) {
        answerUnread();
        return;
      }
    }
  }

  @Override
  public void onAllDataRead() throws IOException {
    answer();
  }

  /** Ends the exchange: the body was incomplete or too slow, or the answer failed. */
  @Override
  public void onError(Throwable cause) {
    try {
      if (cause instanceof IOException && !response.isCommitted()) {
        send(Problem.answer(ServletApiRequest.incompleteBody(), RequestId.of(request)));
        response.flushBuffer();
      }
    } catch (IOException gone) {
      LOG.debug("The client left before the refusal was sent", gone);
    } finally {
      suspend().complete();
    }
  }

  private void readAvailable() throws IOException {
    byte[] chunk = new byte[length < 0 ? CHUNK_BYTES : (int) Math.min(length, CHUNK_BYTES)];
    if (body == null) {
      body = new ByteArrayOutputStream(chunk.length);
    }
    int bytes = stream.read(chunk);
    if (bytes > 0) {
      body.write(chunk, 0, bytes);
    }
  }

  /** Answers without reading the rest of the body, and closes the connection. */
  private void answerUnread() throws IOException {
    suspend();
    response.setHeader("Connection", "close");
    answer();
  }

  private void answer() throws IOException {
    var check = new ServletApiRequest(request, body == null ? NO_BYTES : body.toByteArray());
    if (handler.mayWait(check)) {
      AsyncContext waiting = suspend();
      Thread.ofVirtual().start(() -> await(check, waiting));
    } else {
      send(handler.answer(check));
      if (suspended != null) {
        suspended.complete();
      }
    }
  }

  private void await(ApiRequest check, AsyncContext waiting) {
    try {
      send(handler.answer(check));
    } catch (IOException gone) {
      LOG.debug("The client left before the answer was sent", gone);
    } catch (Error broken) {
      LOG.error("Request {} failed", check.requestId(), broken);
    } finally {
      waiting.complete();
    }
  }

  private void send(HttpAnswer answer) throws IOException {
    ServletAnswer.send(answer, response);
  }

  private AsyncContext suspend() {
    if (suspended == null) {
      suspended = request.startAsync();
      suspended.setTimeout(NEVER); // the timeouts of the connection and of the handler apply
    }
    return suspended;
  }
}
