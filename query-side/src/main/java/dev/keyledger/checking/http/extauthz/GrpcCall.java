package dev.keyledger.checking.http.extauthz;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.checking.http.extauthz.ProtobufReader.MalformedException;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.RequestHead;
import dev.keyledger.launch.FatalErrors;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: a stream of HTTP/2 with one message of gRPC in each direction. A malformed call gets a
 * status other than OK, which gateways treat as a failure of the check.
 *
 * <p>Only the event loop of the connection uses the fields.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write means that the gateway left
final class GrpcCall extends ChannelInboundHandlerAdapter {
  static final String PATH = "/envoy.service.auth.v3.Authorization/Check";

  /** The codes of gRPC's status that are used. */
  static final int OK = 0;

  static final int INVALID_ARGUMENT = 3;
  static final int DEADLINE_EXCEEDED = 4;
  static final int RESOURCE_EXHAUSTED = 8;
  static final int UNIMPLEMENTED = 12;

  private static final String CONTENT_TYPE = "application/grpc";

  /** A flag that says whether the message is compressed, and its length. */
  private static final int PREFIX_BYTES = 1 + Integer.BYTES;

  private static final int BYTES_MAX = PREFIX_BYTES + ExtAuthzLimits.MESSAGE_BYTES_MAX;
  private static final int INTERNAL_ERROR = 500;
  private static final Logger LOG = LoggerFactory.getLogger(GrpcCall.class);

  private final ExtAuthzContext listener;
  private final GatewayConnection connection;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private List<String> gatewayTokens = List.of();
  private @Nullable Future<?> arrivalLimit;

  /** The bytes that are counted as unfinished. */
  private int unfinishedBytes;

  private boolean begun;
  private boolean whole;
  private boolean answered;

  GrpcCall(ExtAuthzContext listener, GatewayConnection connection) {
    this.listener = listener;
    this.connection = connection;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    connection.callBegins();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    connection.callEnds();
    arrived();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    try {
      if (answered) {
        return;
      }
      if (frame instanceof Http2HeadersFrame headers) {
        whole = headers.isEndStream();
        if (!begun) {
          begun = true;
          begin(context, headers.headers());
        }
      } else if (frame instanceof Http2DataFrame data) {
        whole = data.isEndStream();
        keep(context, data.content());
      }
      if (whole && !answered) {
        arrived();
        check(context);
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  /** Counts the arrived bytes of an unfinished call, and limits its time. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (whole || answered) {
      return;
    }
    if (arrivalLimit == null) {
      arrivalLimit =
          context
              .executor()
              .schedule(
                  () -> refuse(context, DEADLINE_EXCEEDED, "The call arrived too slowly."),
                  listener.limits().arrival().toNanos(),
                  NANOSECONDS);
    }
    int more = ExtAuthzLimits.UNFINISHED_CALL_BYTES + received.size() - unfinishedBytes;
    if (more > 0) {
      if (listener.unfinished().take(connection.source(), more)) {
        unfinishedBytes += more;
      } else {
        refuse(context, RESOURCE_EXHAUSTED, "Too many calls of this source are unfinished.");
      }
    }
  }

  private void arrived() {
    if (arrivalLimit != null) {
      arrivalLimit.cancel(false);
    }
    if (unfinishedBytes > 0) {
      listener.unfinished().giveBack(connection.source(), unfinishedBytes);
      unfinishedBytes = 0;
    }
  }

  private void begin(ChannelHandlerContext context, Http2Headers head) {
    CharSequence type = head.get("content-type");
    if (type == null || !type.toString().startsWith(CONTENT_TYPE)) {
      answered = true;
      finish(context, new DefaultHttp2Headers().status("415"));
    } else if (!PATH.contentEquals(head.path()) || !"POST".contentEquals(head.method())) {
      refuse(context, UNIMPLEMENTED, "The only method is " + PATH + ".");
    } else {
      gatewayTokens =
          head.getAll(VerificationHandler.GATEWAY_TOKEN_HEADER.toLowerCase(Locale.ROOT)).stream()
              .map(CharSequence::toString)
              .toList();
    }
  }

  private void keep(ChannelHandlerContext context, ByteBuf bytes) {
    if (received.size() + bytes.readableBytes() > BYTES_MAX) {
      refuse(
          context,
          RESOURCE_EXHAUSTED,
          "A message has at most " + ExtAuthzLimits.MESSAGE_BYTES_MAX + " bytes.");
      return;
    }
    try {
      bytes.readBytes(received, bytes.readableBytes());
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }

  /** Answers a call that has arrived. */
  private void check(ChannelHandlerContext context) {
    byte[] framed = received.toByteArray();
    if (framed.length > 0 && framed[0] != 0) {
      refuse(context, UNIMPLEMENTED, "Messages are not compressed here.");
      return;
    }
    if (framed.length < PREFIX_BYTES
        || ByteBuffer.wrap(framed).getInt(1) != framed.length - PREFIX_BYTES) {
      refuse(context, INVALID_ARGUMENT, "A call has one message.");
      return;
    }
    byte[] message = Arrays.copyOfRange(framed, PREFIX_BYTES, framed.length);
    ExtAuthzRequest request;
    try {
      request = ExtAuthzRequest.read(message, connection.peerAddress(), gatewayTokens);
    } catch (MalformedException malformed) {
      refuse(context, INVALID_ARGUMENT, "The message is malformed: " + malformed.getMessage());
      return;
    }
    answered = true;
    if (!listener.handler().mayWait(request)) {
      write(context, decided(request));
      return;
    }
    Thread.ofVirtual()
        .start(() -> {
          byte[] answer = decided(request);
          context.executor().execute(() -> write(context, answer));
        });
  }

  /** Returns the message that answers a check; any failure refuses the request. */
  private byte[] decided(ExtAuthzRequest request) {
    try {
      long start = System.nanoTime();
      HttpAnswer answer =
          request.isHeadTooLong() ? RequestHead.tooLong() : listener.handler().answer(request);
      listener.timers().record(PATH, request, answer, System.nanoTime() - start);
      return answer.status() == INTERNAL_ERROR
          ? ExtAuthzAnswer.undecided()
          : ExtAuthzAnswer.of(answer, request.forgedNames());
    } catch (Throwable broken) {
      FatalErrors.endIfFatal(broken);
      LOG.error("Request {} failed", request.requestId(), broken);
      return ExtAuthzAnswer.undecided();
    }
  }

  private void write(ChannelHandlerContext context, byte[] message) {
    ByteBuf framed = context.alloc().buffer(PREFIX_BYTES + message.length);
    framed.writeByte(0).writeInt(message.length).writeBytes(message);
    connection.served();
    context.write(new DefaultHttp2HeadersFrame(head()));
    context.write(new DefaultHttp2DataFrame(framed));
    finish(context, new DefaultHttp2Headers().setInt("grpc-status", OK));
  }

  /** Ends the call without an answer. */
  private void refuse(ChannelHandlerContext context, int status, String reason) {
    answered = true;
    arrived();
    finish(context, head().setInt("grpc-status", status).set("grpc-message", reason));
  }

  private static Http2Headers head() {
    return new DefaultHttp2Headers().status("200").set("content-type", CONTENT_TYPE);
  }

  /**
   * Sends the written data and the last headers. The rest of the gateway's input is discarded. A
   * gateway that does not read loses its connection.
   */
  private void finish(ChannelHandlerContext context, Http2Headers last) {
    ChannelFuture written = context.write(new DefaultHttp2HeadersFrame(last, true));
    if (!whole) {
      context.write(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    }
    context.flush();
    if (!written.isDone()) {
      long unreadNanos = listener.limits().unread().toNanos();
      Future<?> limit =
          context.executor().schedule(() -> connection.close(), unreadNanos, NANOSECONDS);
      written.addListener(_ -> limit.cancel(false));
    }
  }

  /** Refuses the request: the gateway violated HTTP/2, or this node failed. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    FatalErrors.endIfFatal(cause);
    listener.failures().add(connection.peerAddress(), cause);
    if (answered) {
      context.close();
    } else {
      answered = true;
      write(context, ExtAuthzAnswer.undecided());
    }
  }
}
