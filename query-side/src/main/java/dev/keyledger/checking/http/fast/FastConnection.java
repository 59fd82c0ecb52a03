package dev.keyledger.checking.http.fast;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Date;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of the fast listener. It answers requests one by one, in the order of arrival.
 * Only the connection's event loop uses the fields.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class FastConnection extends ChannelInboundHandlerAdapter {
  /** The event that closes the connection as soon as no request is in progress. */
  static final Object END = new Object();

  private static final Logger LOG = LoggerFactory.getLogger(FastConnection.class);

  private static final FastThreadLocal<AnswerBytes> ANSWER_BYTES =
      new FastThreadLocal<>() {
        @Override
        protected AnswerBytes initialValue() {
          return new AnswerBytes();
        }
      };

  /** How long input is read and discarded after a refusal. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /**
   * Closes the connection after a delay, so that a client that is still sending can read the
   * answer. To close a socket with unread input would reset the connection.
   */
  private static final ChannelFutureListener CLOSE_LINGERING =
      written -> {
        Channel connection = written.channel();
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        if (tls != null) {
          tls.closeOutbound();
        } else if (connection instanceof DuplexChannel duplex) {
          duplex.shutdownOutput();
        }
        connection.eventLoop().schedule(() -> connection.close(), LINGER.toMillis(), MILLISECONDS);
      };

  private final VerificationHandler handler;
  private final RequestTimers timers;
  private final InstantSource clock;
  private final String peerAddress;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** Input that arrived while an answer was awaited. */
  private final Queue<Object> unhandled = new ArrayDeque<>();

  private @Nullable FastRequest head;
  private boolean answering;
  private boolean inputEnded;
  private boolean ending;
  private boolean closing;

  FastConnection(
      VerificationHandler handler, RequestTimers timers, InstantSource clock, String peerAddress) {
    this.handler = handler;
    this.timers = timers;
    this.clock = clock;
    this.peerAddress = peerAddress;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (answering) {
      unhandled.add(message);
    } else {
      handle(context, message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  private void handle(ChannelHandlerContext context, Object message) {
    try {
      if (closing) {
        return;
      }
      if (message instanceof HttpRequest request) {
        begin(context, request);
      }
      if (message instanceof HttpContent content && head != null && !closing) {
        read(context, head, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    body.reset();
    var received = new FastRequest(request, peerAddress);
    head = received;
    if (request.decoderResult().isFailure()) {
      refuse(context, request, refusalOf(request.decoderResult().cause()));
    } else if (request.protocolVersion().minorVersion() > 0
        && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
      refuse(context, request, RequestHead.malformed());
    } else if (received.isHeadTooLong()) {
      refuse(context, request, RequestHead.tooLong());
    } else if (isTooLong(request)) {
      answerTooLong(context, received);
    } else if (HttpUtil.is100ContinueExpected(request)) {
      context.writeAndFlush(AnswerBytes.continueAnswer(context.alloc()));
    }
  }

  private static HttpAnswer refusalOf(Throwable cause) {
    return cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException
        ? RequestHead.tooLong()
        : RequestHead.malformed();
  }

  private static boolean isTooLong(HttpRequest request) {
    return HttpUtil.getContentLength(request, 0L) > VerificationHandler.BODY_BYTES_MAX;
  }

  private void read(ChannelHandlerContext context, FastRequest request, HttpContent content) {
    if (content.decoderResult().isFailure()) {
      refuse(context, request.head(), RequestHead.malformed());
      return;
    }
    ByteBuf bytes = content.content();
    if (body.size() + bytes.readableBytes() > VerificationHandler.BODY_BYTES_MAX) {
      answerTooLong(context, request);
      return;
    }
    if (bytes.isReadable()) {
      appendTo(body, bytes);
    }
    if (content instanceof LastHttpContent) {
      head = null;
      answer(context, request.with(body.toByteArray()));
    }
  }

  private void answerTooLong(ChannelHandlerContext context, FastRequest request) {
    closing = true;
    answer(context, request.with(null));
  }

  private static void appendTo(ByteArrayOutputStream body, ByteBuf bytes) {
    try {
      bytes.readBytes(body, bytes.readableBytes());
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }

  private void answer(ChannelHandlerContext context, FastRequest request) {
    if (!handler.mayWait(request)) {
      write(context, request.head(), timed(request));
      return;
    }
    answering = true;
    context.channel().config().setAutoRead(false);
    Thread.ofVirtual()
        .start(() -> {
          HttpAnswer answer = timed(request);
          context.executor().execute(() -> resume(context, request, answer));
        });
  }

  private HttpAnswer timed(FastRequest request) {
    long start = System.nanoTime();
    HttpAnswer answer = handler.answer(request);
    if (handler.serves(request.path())) {
      timers.record(request, answer, System.nanoTime() - start);
    }
    return answer;
  }

  /** Writes the answer that was awaited, then handles the input that arrived meanwhile. */
  private void resume(ChannelHandlerContext context, FastRequest request, HttpAnswer answer) {
    answering = false;
    write(context, request.head(), answer);
    while (!answering && !unhandled.isEmpty()) {
      handle(context, unhandled.remove());
    }
    context.flush();
    if (!answering && !inputEnded && context.channel().isActive()) {
      context.channel().config().setAutoRead(true);
    }
    closeIfInputEnded(context);
  }

  /** Closes after the last answer: a client may end its input and still wait for answers. */
  private void closeIfInputEnded(ChannelHandlerContext context) {
    if (inputEnded && !answering && !closing) {
      closing = true;
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void refuse(ChannelHandlerContext context, HttpRequest request, HttpAnswer refusal) {
    closing = true;
    write(context, request, refusal);
  }

  private void write(ChannelHandlerContext context, HttpRequest request, HttpAnswer answer) {
    closing |= ending || !HttpUtil.isKeepAlive(request);
    ByteBuf bytes =
        ANSWER_BYTES
            .get()
            .of(
                context.alloc(),
                answer,
                DateFormatter.format(Date.from(clock.instant())),
                connectionAfter(request),
                request.method().equals(HttpMethod.HEAD));
    if (closing) {
      boolean whole = head == null;
      context
          .writeAndFlush(bytes)
          .addListener(whole ? ChannelFutureListener.CLOSE : CLOSE_LINGERING);
    } else {
      context.write(bytes, context.voidPromise());
    }
  }

  private @Nullable String connectionAfter(HttpRequest request) {
    if (closing) {
      return "close";
    }
    return request.protocolVersion().minorVersion() == 0 ? "keep-alive" : null;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event == END) {
      ending = true;
      if (!answering && head == null) {
        context.close();
      }
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded = true;
      closeIfInputEnded(context);
    } else {
      super.userEventTriggered(context, event);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    unhandled.forEach(ReferenceCountUtil::release);
    unhandled.clear();
  }

  /** Closes: the client left, was idle for too long, or did not speak TLS on a TLS port. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable reason = cause instanceof DecoderException ? cause.getCause() : cause;
    if (!(reason instanceof IOException || reason instanceof ReadTimeoutException)) {
      LOG.warn("A connection of the fast listener failed and was closed", cause);
    }
    context.close();
  }
}
