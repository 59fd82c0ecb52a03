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
 * A request for verification on the main port, and its answer. Neither a body that comes slowly nor
 * a check that waits keeps a thread of the container: the body is read as it comes, and waiting is
 * done on a virtual thread. A request whose body is there at once, or that has none, is answered on
 * the thread that it came on.
 *
 * <p>Used by one thread at a time. The refusal is set before any work is done, so that whatever
 * ends the work lets nobody in.
 */
final class ServletExchange implements ReadListener {
  private static final long NEVER = 0;
  private static final int PIECE_BYTES = 8 * 1024;
  private static final byte[] NO_BYTES = {};
  private static final Logger LOG = LoggerFactory.getLogger(ServletExchange.class);

  private final VerificationHandler handler;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final ServletInputStream stream;

  /** What the head says of the body's length; negative: nothing. */
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

  /** Answers the request, or sees to it that it is answered. */
  void begin() throws IOException {
    response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
    if (length > BODY_BYTES_MAX) {
      answerUnread();
      return;
    }
    // Of a body in chunks nobody can tell whether reading what has come would wait for more.
    while (length > 0 && !stream.isFinished() && stream.available() > 0) {
      take();
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
      take();
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

  /** The client broke the body off or did not go on with it, or answering failed. */
  @Override
  public void onError(Throwable cause) {
    try {
      if (cause instanceof IOException && !response.isCommitted()) {
        send(Problem.answer(ServletApiRequest.brokenOff(), RequestId.of(request)));
        response.flushBuffer();
      }
    } catch (IOException gone) {
      LOG.debug("Nobody is there to read the refusal", gone);
    } finally {
      suspend().complete();
    }
  }

  private void take() throws IOException {
    byte[] piece = new byte[length < 0 ? PIECE_BYTES : (int) Math.min(length, PIECE_BYTES)];
    if (body == null) {
      body = new ByteArrayOutputStream(piece.length);
    }
    int bytes = stream.read(piece);
    if (bytes > 0) {
      body.write(piece, 0, bytes);
    }
  }

  /** What is left of the body is not even swallowed: the connection ends with the answer. */
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
      LOG.debug("Nobody is there to read the answer", gone);
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
      suspended.setTimeout(NEVER); // the connection's own limits end it, and those of the handler
    }
    return suspended;
  }
}
