package dev.keyledger.checking.http;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ContinueResponseTiming;
import org.apache.coyote.Request;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.jspecify.annotations.Nullable;

/**
 * A request as the container's connector took it apart, before any servlet. Used by one thread at a
 * time, until it is answered.
 */
final class CoyoteApiRequest implements ApiRequest {
  private static final String ATTRIBUTE = CoyoteApiRequest.class.getName();

  private final Request request;
  private final String path;
  private byte @Nullable [] body;
  private @Nullable String requestId;

  CoyoteApiRequest(Request request) {
    this.request = request;
    this.path = request.requestURI().toString();
  }

  /** Has {@link #leftTo} find it, with what was read of its body, once the servlets see it. */
  void leaveToServlets() {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** What was left to the servlets with that request; null if nothing was. */
  static @Nullable CoyoteApiRequest leftTo(HttpServletRequest servletRequest) {
    return (CoyoteApiRequest) servletRequest.getAttribute(ATTRIBUTE);
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public @Nullable String query() {
    MessageBytes query = request.queryString();
    return query.isNull() ? null : query.toString();
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getMimeHeaders().values(name));
  }

  /** The bound is the same each time that the body is asked for. */
  @Override
  public byte[] body(int bytesMax) {
    if (request.getContentLengthLong() > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    byte[] read = body == null ? read(bytesMax) : body;
    body = read;
    if (read.length > bytesMax) {
      throw ProblemException.tooLarge(bytesMax);
    }
    return read;
  }

  private byte[] read(int bytesMax) {
    request.action(ActionCode.ACK, ContinueResponseTiming.ALWAYS);
    var received = new Received(bytesMax + 1);
    try {
      while (!received.isFull() && request.doRead(received) >= 0) {
        received.take();
      }
    } catch (IOException brokenOff) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The body broke off.");
    }
    return received.bytes.toByteArray();
  }

  /** What the connector lends a piece of the body through. */
  private static final class Received implements ApplicationBufferHandler {
    private final int bytesMax;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable ByteBuffer lent;

    Received(int bytesMax) {
      this.bytesMax = bytesMax;
    }

    boolean isFull() {
      return bytes.size() == bytesMax;
    }

    void take() {
      if (lent != null) {
        byte[] piece = new byte[Math.min(lent.remaining(), bytesMax - bytes.size())];
        lent.get(piece);
        bytes.writeBytes(piece);
      }
    }

    @Override
    public void setByteBuffer(ByteBuffer buffer) {
      lent = buffer;
    }

    @Override
    public @Nullable ByteBuffer getByteBuffer() {
      return lent;
    }

    @Override
    public void expand(int size) {
      throw new IllegalStateException("the connector lends its own buffers");
    }
  }

  @Override
  public String peerAddress() {
    request.action(ActionCode.REQ_HOST_ADDR_ATTRIBUTE, request);
    return request.remoteAddr().toString();
  }

  @Override
  public String requestId() {
    if (requestId == null) {
      requestId = RequestId.make();
    }
    return requestId;
  }
}
