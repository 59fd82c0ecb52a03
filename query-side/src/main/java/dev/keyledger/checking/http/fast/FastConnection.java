package dev.keyledger.checking.http.fast;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.keyledger.access.Source;
import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.RequestHead;
import dev.keyledger.http.RequestTarget;
import dev.keyledger.http.arrival.BodyLength;
import dev.keyledger.launch.FatalErrors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the fast listener. It answers requests one by one, in the order of arrival. It
 * reads nothing more while an answer is pending, or while the client does not read its answers.
 *
 * <p>Only the connection's event loop uses the fields.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class FastConnection extends ChannelInboundHandlerAdapter
    implements OpenConnections.Connection {
  /** The event that closes the connection as soon as no request is in progress. */
  static final Object END = new Object();

  /** The event of a request that arrives too slowly. */
  static final Object TOO_SLOW = new Object();

  private static final FastThreadLocal<AnswerBytes> ANSWER_BYTES =
      new FastThreadLocal<>() {
        @Override
        protected AnswerBytes initialValue() {
          return new AnswerBytes();
        }
      };

  /** The time for which input is read and discarded after a refusal. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** The longest time for which the last answer may stay unread. */
  private static final Duration UNREAD_MAX = Duration.ofSeconds(10);

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

  /** The substitute for a head that has not arrived. */
  private static final HttpRequest UNKNOWN =
      new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");

  private final FastContext listener;
  private final RequestDecoder decoder;
  private final String peerAddress;
  private final Source source;

  /** The connection itself, which any thread may close. */
  private final Channel channel;

  /**
   * The time at which the last answer was written, or the connection was opened; read by other
   * threads.
   */
  private volatile long lastServedNanos = System.nanoTime();

  /** The request whose body is arriving. */
  private @Nullable FastRequest request;

  private @Nullable ByteArrayOutputStream body;

  /** The bytes of the body, or of a long head, that are counted as unfinished. */
  private int unfinishedBytes;

  /** The last Host that was valid; a client mostly repeats it. */
  private @Nullable String validHost;

  private boolean headAccepted;
  private boolean answering;
  private boolean inputEnded;
  private boolean ending;
  private boolean closing;

  FastConnection(FastContext listener, RequestDecoder decoder, Channel channel, InetAddress peer) {
    this.channel = channel;
    this.listener = listener;
    this.decoder = decoder;
    this.peerAddress = PeerAddress.literal(peer);
    this.source = Source.of(peerAddress);
  }

  @Override
  public Source source() {
    return source;
  }

  @Override
  public long lastServedNanos() {
    return lastServedNanos;
  }

  @Override
  public void close() {
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (closing) {
        return;
      }
      if (message instanceof HttpRequest begun) {
        begin(context, begun);
      }
      if (message instanceof HttpContent content && request != null && !closing) {
        read(context, request, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Ends an unfinished request if its head suffices to answer it, or its source has too many. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (request != null && !closing) {
      HttpAnswer answer = answerWithoutRest(request);
      if (answer != null) {
        refuse(context, request.head(), answer);
      }
    } else if (!closing && !answering && !countHead()) {
      refuse(context, UNKNOWN, RequestHead.tooManyUnfinished());
    }
    context.flush();
  }

  /** Counts the bytes of an unfinished head that is longer than most may be. */
  private boolean countHead() {
    int more = decoder.unfinishedBytes() - unfinishedBytes;
    if (more > RequestHead.BYTES_MAX) {
      if (!listener.unfinished().take(source, more)) {
        return false;
      }
      unfinishedBytes += more;
    }
    return true;
  }

  private void giveBack() {
    if (unfinishedBytes > 0) {
      listener.unfinished().giveBack(source, unfinishedBytes);
      unfinishedBytes = 0;
    }
  }

  private @Nullable HttpAnswer answerWithoutRest(FastRequest unfinished) {
    if (!headAccepted) {
      HttpAnswer answer = listener.handler().answerByHead(unfinished);
      if (answer != null) {
        return answer;
      }
      headAccepted = true;
    }
    int more = body == null ? 0 : body.size() - unfinishedBytes;
    if (more > 0) {
      if (!listener.unfinished().take(source, more)) {
        return RequestHead.tooManyUnfinished();
      }
      unfinishedBytes += more;
    }
    return null;
  }

  private void begin(ChannelHandlerContext context, HttpRequest head) {
    var received = new FastRequest(head, peerAddress);
    giveBack();
    request = received;
    headAccepted = false;
    if (head.decoderResult().isFailure()) {
      refuse(context, head, refusalOf(head.decoderResult().cause()));
    } else if (!isVersionServed(head) || !isHostValid(received) || !isFramingKnown(received)) {
      refuse(context, head, RequestHead.malformed());
    } else if (received.isHeadTooLong()) {
      refuse(context, head, RequestHead.tooLong());
    } else if (!received.isLineValid()) {
      refuse(context, head, RequestHead.malformed());
    } else if (!received.isExpectationKnown()) {
      refuse(context, head, RequestHead.expectationFailed());
    } else if (isTooLong(head)) {
      answerTooLong(context, received);
    } else if (HttpUtil.is100ContinueExpected(head)) {
      continueOrAnswer(context, received);
    }
  }

  /**
   * Returns whether the version is supported. The names of versions are case-sensitive; Netty
   * returns its constants only for exact names.
   */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isVersionServed(HttpRequest head) {
    return head.protocolVersion() == HttpVersion.HTTP_1_1
        || head.protocolVersion() == HttpVersion.HTTP_1_0;
  }

  /**
   * Refuses what the main port also refuses: a transfer coding other than chunked, and a request
   * for a tunnel.
   */
  private static boolean isFramingKnown(FastRequest received) {
    List<String> codings = received.headers("Transfer-Encoding");
    boolean known =
        codings.isEmpty()
            || (codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase("chunked"));
    return known && !received.method().equals("CONNECT");
  }

  /**
   * Checks the header Host as the main port does (RFC 9112 section 3.2): HTTP/1.1 requires it, and
   * that it agrees with a target in absolute form.
   */
  private boolean isHostValid(FastRequest received) {
    List<String> hosts = received.headers("Host");
    String authority = received.authority();
    boolean isOld = received.head().protocolVersion().minorVersion() == 0;
    if (hosts.size() > 1 || (hosts.isEmpty() && !isOld)) {
      return false;
    }
    String host = hosts.isEmpty() ? "" : hosts.getFirst();
    if (authority != null && !authority.equalsIgnoreCase(host)) {
      return isOld && RequestTarget.isHost(authority);
    }
    if (host.isEmpty() || host.equals(validHost)) {
      return true;
    }
    if (!RequestTarget.isHost(host)) {
      return false;
    }
    validHost = host;
    return true;
  }

  /** Sends {@code 100 Continue} for a body that is needed, or answers without it. */
  private void continueOrAnswer(ChannelHandlerContext context, FastRequest waiting) {
    HttpAnswer answer = answerWithoutRest(waiting);
    if (answer == null) {
      context.writeAndFlush(AnswerBytes.continueAnswer(context.alloc()));
    } else {
      refuse(context, waiting.head(), answer);
    }
  }

  private static HttpAnswer refusalOf(Throwable cause) {
    return cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException
        ? RequestHead.tooLong()
        : RequestHead.malformed();
  }

  private static boolean isTooLong(HttpRequest head) {
    return HttpUtil.getContentLength(head, 0L) > BodyLength.BYTES_MAX;
  }

  private void read(ChannelHandlerContext context, FastRequest reading, HttpContent content) {
    if (content.decoderResult().isFailure()) {
      HttpAnswer answer = headAccepted ? null : listener.handler().answerByHead(reading);
      refuse(
          context,
          reading.head(),
          answer == null
              ? Problem.answer(RequestHead.incompleteBody(), reading.requestId())
              : answer);
      return;
    }
    ByteBuf bytes = content.content();
    int before = body == null ? 0 : body.size();
    if (before + bytes.readableBytes() > BodyLength.BYTES_MAX) {
      answerTooLong(context, reading);
    } else if (!(content instanceof LastHttpContent)) {
      var _ = kept(bytes);
    } else {
      byte[] whole = wholeBody(bytes);
      forgetRequest();
      answer(context, reading.with(whole));
    }
  }

  private byte[] wholeBody(ByteBuf end) {
    return body == null ? ByteBufUtil.getBytes(end) : kept(end).toByteArray();
  }

  private ByteArrayOutputStream kept(ByteBuf bytes) {
    ByteArrayOutputStream bodySoFar =
        body == null ? new ByteArrayOutputStream(bytes.readableBytes()) : body;
    body = bodySoFar;
    try {
      bytes.readBytes(bodySoFar, bytes.readableBytes());
      return bodySoFar;
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }

  private void forgetRequest() {
    request = null;
    body = null;
    giveBack();
  }

  private void answerTooLong(ChannelHandlerContext context, FastRequest tooLong) {
    closing = true;
    answer(context, tooLong.with(null));
  }

  private void answer(ChannelHandlerContext context, FastRequest whole) {
    if (!listener.handler().mayWait(whole)) {
      write(context, whole.head(), timed(whole));
      return;
    }
    answering = true;
    pause(context);
    Thread.ofVirtual()
        .start(() -> {
          try {
            HttpAnswer answer = timed(whole);
            context.executor().execute(() -> resume(context, whole, answer));
          } catch (Throwable broken) {
            context.executor().execute(() -> exceptionCaught(context, broken));
          }
        });
  }

  private HttpAnswer timed(FastRequest whole) {
    long start = System.nanoTime();
    HttpAnswer answer = listener.handler().answer(whole);
    String operation = VerificationHandler.operation(whole.path());
    if (operation != null) {
      listener.timers().record(operation, whole, answer, System.nanoTime() - start);
    }
    return answer;
  }

  /** Writes the pending answer, then handles the input that arrived meanwhile. */
  private void resume(ChannelHandlerContext context, FastRequest whole, HttpAnswer answer) {
    answering = false;
    write(context, whole.head(), answer);
    context.flush();
    proceed(context);
    closeIfInputEnded(context);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      context.executor().execute(() -> proceed(context));
    } else {
      pause(context);
    }
  }

  private void pause(ChannelHandlerContext context) {
    decoder.pause();
    context.channel().config().setAutoRead(false);
  }

  private void proceed(ChannelHandlerContext context) {
    if (answering || !context.channel().isWritable() || !context.channel().isActive()) {
      return;
    }
    try {
      decoder.resume(context.pipeline().context(decoder));
    } catch (Exception broken) {
      exceptionCaught(context, broken);
      return;
    }
    if (!answering && !inputEnded && context.channel().isWritable()) {
      context.channel().config().setAutoRead(true);
    }
  }

  /** Closes after the last answer: a client may end its input and still wait for answers. */
  private void closeIfInputEnded(ChannelHandlerContext context) {
    if (inputEnded && !answering && !closing) {
      closing = true;
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void refuse(ChannelHandlerContext context, HttpRequest head, HttpAnswer refusal) {
    closing = true;
    write(context, head, refusal);
  }

  private void write(ChannelHandlerContext context, HttpRequest head, HttpAnswer answer) {
    lastServedNanos = System.nanoTime();
    closing |= ending || !HttpUtil.isKeepAlive(head);
    ByteBuf bytes =
        ANSWER_BYTES
            .get()
            .of(
                context.alloc(),
                answer,
                listener.clock().instant(),
                connectionAfter(head),
                head.method().equals(HttpMethod.HEAD));
    if (closing) {
      boolean whole = request == null;
      forgetRequest();
      closeAfter(
          context.writeAndFlush(bytes), whole ? ChannelFutureListener.CLOSE : CLOSE_LINGERING);
    } else {
      context.write(bytes, context.voidPromise());
    }
  }

  /** Closes after the last answer, or soon if the client does not read it. */
  private static void closeAfter(ChannelFuture written, ChannelFutureListener close) {
    written.addListener(close);
    if (!written.isDone()) {
      Channel connection = written.channel();
      Future<?> limit =
          connection
              .eventLoop()
              .schedule(() -> connection.close(), UNREAD_MAX.toSeconds(), SECONDS);
      written.addListener(_ -> limit.cancel(false));
    }
  }

  private @Nullable String connectionAfter(HttpRequest head) {
    if (closing) {
      return "close";
    }
    return head.protocolVersion().minorVersion() == 0 ? "keep-alive" : null;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event == END) {
      ending = true;
      if (!answering && request == null) {
        context.close();
      }
    } else if (event == TOO_SLOW) {
      if (!closing) {
        refuse(context, request == null ? UNKNOWN : request.head(), RequestHead.tooSlow());
      }
    } else if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      closeIfInputEnded(context);
    } else {
      super.userEventTriggered(context, event);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    forgetRequest();
  }

  /**
   * Closes the connection: the client left, was idle for too long, or did not speak TLS on a TLS
   * port.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable reason =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (!(reason instanceof OutOfDirectMemoryError)) {
      FatalErrors.endIfFatal(reason);
    }
    if (!(reason instanceof IOException || reason instanceof ReadTimeoutException)) {
      listener.failures().add(peerAddress, reason);
    }
    context.close();
  }
}
