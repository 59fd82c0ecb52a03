package dev.keyledger.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 in the servlet container, with the rules of the fast port. It does not decode or
 * normalise the client's part of a gateway's target, accepts hosts of RFC 3986 (with underscores),
 * ends connections with slow heads, and passes TRACE, which the container would answer itself, to
 * the operations.
 *
 * <p>The container creates it by its name.
 */
public final class ContainerProtocol extends Http11NioProtocol {
  private static final String PATH = ContainerProtocol.class.getName() + ".path";
  private static final String CONNECTION = ContainerProtocol.class.getName() + ".connection";
  private static final byte[] FORWARD_AUTH = RequestTarget.FORWARD_AUTH.getBytes(US_ASCII);
  private static final byte[] ROOT = {'/'};

  /**
   * The longest time for which the head of a request may take to arrive, even if it makes progress.
   */
  private static final long HEAD_NANOS_MAX = Duration.ofSeconds(10).toNanos();

  /** The characters that {@link RequestTarget#isValid} allows in a client's part only. */
  private static final String RELAXED = "\"<>[\\]^`{|}";

  /** Creates the protocol of one port. */
  public ContainerProtocol() {
    setRelaxedPathChars(RELAXED);
    setRelaxedQueryChars(RELAXED);
    setMaxHeaderCount(-1); // the length is limited
  }

  /** Returns the path of a request, as sent. */
  static String pathOf(HttpServletRequest request) {
    return request.getAttribute(PATH) instanceof String path ? path : request.getRequestURI();
  }

  /** Returns the path of a request, as sent. */
  static String pathOf(Request request) {
    return request.getAttribute(PATH) instanceof String path
        ? path
        : String.valueOf(request.requestURI());
  }

  /**
   * Limits the unread part of a long answer. The connection serves no further request afterwards.
   *
   * @param bytesMax the size of the system's buffer, which may be rounded up
   * @param waitMax the longest wait of a write before it fails
   */
  public static void limitUnread(HttpServletRequest request, int bytesMax, Duration waitMax)
      throws IOException {
    if (request.getAttribute(CONNECTION) instanceof SocketWrapperBase<?> connection) {
      connection.setWriteTimeout(waitMax.toMillis());
      if (connection.getSocket() instanceof NioChannel channel) {
        channel.getIOChannel().setOption(StandardSocketOptions.SO_SNDBUF, bytesMax);
      }
    }
  }

  @Override
  protected Processor createProcessor() {
    return new HeadProcessor(this, new TargetAdapter(getAdapter()));
  }

  /**
   * Checks the host, because the container refuses some that RFC 3986 allows. Ends a connection
   * whose head does not arrive in time: the container has a deadline for each part of it only.
   */
  private static final class HeadProcessor extends Http11Processor {
    /** The connection with a partial head; null if there is none. */
    private @Nullable SocketWrapperBase<?> unfinished;

    private long beganNanos;

    HeadProcessor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
      super(protocol, adapter);
    }

    @Override
    public SocketState service(SocketWrapperBase<?> connection) throws IOException {
      long now = System.nanoTime();
      if (!connection.equals(unfinished)) {
        beganNanos = now;
      } else if (now - beganNanos > HEAD_NANOS_MAX) {
        return SocketState.CLOSED;
      }
      SocketState state = super.service(connection);
      unfinished = state == SocketState.LONG && !isAsync() ? connection : null;
      return state;
    }

    @Override
    protected void parseHost(@Nullable MessageBytes header) {
      request.setAttribute(CONNECTION, getSocketWrapper());
      String host = header == null || header.isNull() ? "" : header.toString();
      if (host.isEmpty()) {
        super.parseHost(header);
      } else if (RequestTarget.isHost(host)) {
        int colon = RequestTarget.colonBeforePort(host);
        request.serverName().setString(colon < 0 ? host : host.substring(0, colon));
        populatePort(); // nothing here uses the host's own
      } else {
        response.setStatus(400);
        setErrorState(ErrorState.CLOSE_CLEAN, null);
      }
    }
  }

  /** Intercepts each request before the container parses its target. */
  private record TargetAdapter(Adapter adapter) implements Adapter {
    @Override
    public void service(Request request, Response response) throws Exception {
      if (!response.isError()) {
        ByteChunk path = request.requestURI().getByteChunk();
        if (path.startsWith(RequestTarget.FORWARD_AUTH_APPENDED, 0)) {
          replacePath(request, FORWARD_AUTH);
        } else if (path.equals(RequestTarget.SERVER) && request.getMethod().equals("OPTIONS")) {
          replacePath(request, ROOT);
        }
        if (request.getMethod().equals("TRACE")) {
          request.setMethod("trace"); // a method like any unknown one, as case matters
        }
      }
      adapter.service(request, response);
    }

    private static void replacePath(Request request, byte[] replacement) {
      request.setAttribute(PATH, request.requestURI().toString());
      request.requestURI().setBytes(replacement, 0, replacement.length);
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
      return adapter.prepare(request, response);
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent status)
        throws Exception {
      return adapter.asyncDispatch(request, response, status);
    }

    @Override
    public void log(Request request, Response response, long time) {
      adapter.log(request, response, time);
    }

    @Override
    public void checkRecycled(Request request, Response response) {
      adapter.checkRecycled(request, response);
    }

    @Override
    public String getDomain() {
      return adapter.getDomain();
    }
  }
}
