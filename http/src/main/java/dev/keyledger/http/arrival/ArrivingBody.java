package dev.keyledger.http.arrival;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.access.Source;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestHead;
import dev.keyledger.http.RequestId;
import dev.keyledger.http.ServletAnswer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of one request on the main port while it arrives. It is read without blocking, within
 * {@link ArrivalLimits}; then the request is dispatched, or answered.
 *
 * <p>A chunked body is read by its own virtual thread instead. With a listener, Tomcat 11.0.27
 * continues to read after the end of the body (ChunkedInputFilter): a next request would overtake
 * this one, and a client that has ended its output would get no answer.
 *
 * <p>Thread-safe: one lock guards everything from {@link #await} on. Threads of the container
 * signal the arrival of bytes, the watch of {@link BodyFilter} the passing of time.
 */
final class ArrivingBody implements ReadListener {
  /**
   * The bytes that an unfinished request counts for, besides its own, for the buffers of the
   * container.
   */
  private static final int REQUEST_BYTES = 16 * 1024;

  /**
   * The time for which the rest of a body that is not needed is read and discarded. A client that
   * still sends can then read its answer: to close a socket with unread input would reset the
   * connection.
   */
  private static final Duration LINGER = Duration.ofMillis(500);

  private static final int DISCARDED_BYTES_MAX = 2 * 1024 * 1024;

  private static final long NEVER = 0;
  private static final int CHUNK_BYTES = 8 * 1024;
  private static final Logger LOG = LoggerFactory.getLogger(ArrivingBody.class);

  private enum Stage {
    ARRIVING,
    /** The rest of the body has no use. */
    DISCARDING,
    OVER
  }

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final UnfinishedBodies unfinished;
  private final HeadCheck heads;
  private final Set<ArrivingBody> arriving;
  private final ArrivedRequest arrived;
  private final ServletInputStream stream;
  private final Source source;
  private final int bytesMax;
  private final long begun = System.nanoTime();

  /** The length of the body according to the head; negative if it is unknown. */
  private final long length;

  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);

  @GuardedBy("this")
  private @Nullable AsyncContext suspended;

  private boolean tooLong;

  /** True if the request is handled without its body. */
  @GuardedBy("this")
  private boolean unused;

  private volatile boolean answered;

  /** The bytes that are counted as unfinished. */
  @GuardedBy("this")
  private int counted;

  private volatile Stage stage = Stage.ARRIVING;
  private volatile long discardingSince;
  private volatile long received;

  ArrivingBody(
      HttpServletRequest request,
      HttpServletResponse response,
      UnfinishedBodies unfinished,
      HeadCheck heads,
      Set<ArrivingBody> arriving)
      throws IOException {
    this.request = request;
    this.response = response;
    this.unfinished = unfinished;
    this.heads = heads;
    this.arriving = arriving;
    this.arrived = new ArrivedRequest(request);
    this.stream = request.getInputStream();
    this.source = Source.of(request.getRemoteAddr());
    this.bytesMax = BodyLength.max(request.getServletPath());
    this.length = request.getContentLengthLong();
    this.tooLong = length > bytesMax;
  }

  /**
   * Reads the bytes that have arrived. Returns the request if they are all of it; null if they are
   * not.
   */
  @Nullable ArrivedRequest readAvailable() throws IOException {
    // For a chunked body, available() does not tell whether a read would block.
    while (length > 0 && !tooLong && !stream.isFinished() && stream.available() > 0) {
      read();
    }
    return !tooLong && stream.isFinished() ? arrived.with(body.toByteArray()) : null;
  }

  /** Reads the rest when it arrives, unless the head of the request suffices to answer it. */
  synchronized void await() {
    response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR); // until there is an answer
    suspended = request.startAsync(arrived, response);
    suspended.setTimeout(NEVER); // the limits apply
    HeadCheck.Judgement judgement = heads.judge(request);
    unused = judgement == null;
    if (judgement != null && judgement.answer() != null) {
      answerWithoutRest(judgement.answer()); // before a read, whose failure would be another answer
    } else if (unused || tooLong) {
      discardRest();
    } else {
      BodyValve.sendContinue(request);
    }
    arriving.add(this);
    if (stage == Stage.DISCARDING && request.getHeader("Expect") != null) {
      end(); // the client waits with its body
    } else if (length >= 0) {
      stream.setReadListener(this);
    } else if (unused) {
      end(); // a read could block for long
    } else {
      Thread.ofVirtual().start(this::readChunks);
    }
    if (stage == Stage.ARRIVING) {
      countOrRefuse(REQUEST_BYTES + body.size());
    }
  }

  @Override
  public synchronized void onDataAvailable() throws IOException {
    while (stage != Stage.OVER && !stream.isFinished() && stream.isReady()) {
      read();
      if (stage == Stage.DISCARDING && received > DISCARDED_BYTES_MAX) {
        end();
      }
    }
    if (!stream.isFinished()) {
      count();
    }
  }

  /**
   * Reads a chunked body. Nothing else ends the arrival, because a request must not end during a
   * read.
   */
  private void readChunks() {
    byte[] chunk = new byte[CHUNK_BYTES];
    try {
      int bytes = 0;
      while (bytes >= 0 && mayReadOn()) {
        bytes = stream.read(chunk);
        take(chunk, bytes);
        count();
      }
      onAllDataRead();
    } catch (IOException | RuntimeException broken) {
      onError(broken);
    }
  }

  private boolean mayReadOn() {
    return stage == Stage.ARRIVING
        || (answered && !hasLingered() && received <= DISCARDED_BYTES_MAX);
  }

  @Override
  public synchronized void onAllDataRead() {
    end();
  }

  /** Refuses the request: its body broke off, or reading it failed. */
  @Override
  public synchronized void onError(Throwable cause) {
    if (stage == Stage.OVER) {
      return;
    }
    if (!answered && cause instanceof IOException) {
      answerWithoutRest(
          Problem.answer(
              tooLong ? ProblemException.tooLarge(bytesMax) : RequestHead.incompleteBody(),
              RequestId.of(request)));
    }
    answered = true;
    end();
  }

  /** Returns whether {@link #timeUp} has something to do. */
  boolean isDue() {
    return switch (stage) {
      case ARRIVING -> unfinished.limits().isTooSlow(age(), received);
      case DISCARDING -> length >= 0 && hasLingered();
      case OVER -> false;
    };
  }

  private Duration age() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private boolean hasLingered() {
    return System.nanoTime() - discardingSince >= LINGER.toNanos();
  }

  /** Refuses the request if it is too slow; ends it if its rest has been discarded for a while. */
  synchronized void timeUp() {
    if (isDue()) {
      if (stage == Stage.ARRIVING) {
        answerWithoutRest(RequestHead.tooSlow());
      } else {
        end();
      }
    }
  }

  private void read() throws IOException {
    byte[] chunk = new byte[(int) Math.min(length, CHUNK_BYTES)];
    take(chunk, stream.read(chunk));
  }

  private synchronized void take(byte[] chunk, int bytes) {
    if (bytes <= 0) {
      return;
    }
    received += bytes;
    if (stage == Stage.ARRIVING) {
      body.write(chunk, 0, Math.min(bytes, bytesMax + 1 - body.size()));
      if (body.size() > bytesMax) {
        tooLong = true;
        discardRest();
      }
    }
  }

  private synchronized void count() {
    if (stage == Stage.ARRIVING) {
      countOrRefuse(REQUEST_BYTES + body.size() - counted);
    }
  }

  @GuardedBy("this")
  private void countOrRefuse(int more) {
    if (unfinished.take(source, more)) {
      counted += more;
    } else {
      answerWithoutRest(RequestHead.tooManyUnfinished());
    }
  }

  @GuardedBy("this")
  private void answerWithoutRest(HttpAnswer answer) {
    answered = true;
    body = new ByteArrayOutputStream(0);
    discardRest();
    send(answer);
  }

  private void send(HttpAnswer answer) {
    heads.answered(request, answer, age());
    try {
      response.setHeader("Connection", "close");
      ServletAnswer.send(answer, response);
      response.flushBuffer();
    } catch (IOException gone) {
      LOG.debug("The client left before the answer was sent", gone);
    }
  }

  @GuardedBy("this")
  private void discardRest() {
    discardingSince = System.nanoTime();
    stage = Stage.DISCARDING;
    giveBack();
  }

  @GuardedBy("this")
  private void giveBack() {
    if (counted > 0) {
      unfinished.giveBack(source, counted);
      counted = 0;
    }
  }

  /** Ends the arrival: dispatches the request, unless it is answered. */
  @GuardedBy("this")
  private void end() {
    if (stage == Stage.OVER || suspended == null) {
      return;
    }
    stage = Stage.OVER;
    arriving.remove(this);
    giveBack();
    boolean unread = !stream.isFinished();
    if (answered) {
      if (unread) {
        BodyValve.leaveUnread(request);
      }
      suspended.complete();
    } else {
      if (unread) {
        BodyValve.leaveUnreadAfterDispatch(request);
      }
      dispatch(suspended);
    }
  }

  @GuardedBy("this")
  private void dispatch(AsyncContext dispatched) {
    response.setStatus(HttpServletResponse.SC_OK);
    if (tooLong || unused) {
      response.setHeader("Connection", "close");
    }
    arrived.with(body.toByteArray());
    try {
      dispatched.dispatch();
    } catch (IllegalArgumentException | UnsupportedOperationException noPath) {
      send(RequestHead.malformed());
      dispatched.complete();
    }
  }
}
