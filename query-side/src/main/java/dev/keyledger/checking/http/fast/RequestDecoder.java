package dev.keyledger.checking.http.fast;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.keyledger.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the requests of one connection. While it is paused, input stays undecoded, because
 * decoded requests need far more memory. A request that arrives too slowly becomes the event {@link
 * FastConnection#TOO_SLOW}.
 *
 * <p>Only the connection's event loop uses it.
 */
final class RequestDecoder extends HttpRequestDecoder {
  /** The maximum number of undecoded bytes; a client that sends more closes its own connection. */
  private static final int UNDECODED_BYTES_MAX = 128 * 1024;

  /** The limit for a request line and for headers; {@link RequestHead} is stricter. */
  private static final int HEAD_BYTES_MAX = RequestHead.FORWARD_AUTH_BYTES_MAX + 1024;

  private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);

  private final FastLimits limits;
  private boolean paused;
  private @Nullable Object inputEnd;

  /** True if a part of a request has been decoded, but not its end. */
  private boolean within;

  /** The number of decoded bytes of an unfinished part. */
  private int partBytes;

  private boolean headDecoded;
  private @Nullable Future<?> watch;
  private long watchedSince;
  private long watchedBytes;

  RequestDecoder(FastLimits limits) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(HEAD_BYTES_MAX)
            .setMaxHeaderSize(HEAD_BYTES_MAX)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true)
            .setHeadersFactory(new OneLength()));
    this.limits = limits;
  }

  /** Returns the number of arrived bytes of an unfinished part, such as a head. */
  int unfinishedBytes() {
    return partBytes + actualReadableBytes();
  }

  /** Stops decoding. */
  void pause() {
    paused = true;
  }

  /** Decodes the input that has arrived meanwhile, and further input. */
  void resume(ChannelHandlerContext own) throws Exception {
    paused = false;
    channelRead(own, Unpooled.EMPTY_BUFFER);
    channelReadComplete(own);
    if (inputEnd != null && !paused) {
      Object end = inputEnd;
      inputEnd = null;
      super.userEventTriggered(own, end);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object input) throws Exception {
    if (input instanceof ByteBuf bytes) {
      watchedBytes += bytes.readableBytes();
    }
    super.channelRead(context, input);
    if (paused && actualReadableBytes() > UNDECODED_BYTES_MAX) {
      var _ = context.close();
    }
  }

  /** Does not let the superclass ask for more input while paused. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    if (paused) {
      endWatch();
      context.fireChannelReadComplete();
      return;
    }
    if (!within && actualReadableBytes() == 0) {
      endWatch();
    } else if (watch == null) {
      watch(context);
    }
    super.channelReadComplete(context);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> decoded)
      throws Exception {
    if (paused) {
      return;
    }
    int before = input.readableBytes();
    super.decode(context, input, decoded);
    if (decoded.isEmpty()) {
      partBytes += before - input.readableBytes();
      within |= partBytes > 0;
      return;
    }
    partBytes = 0;
    Object last = decoded.getLast();
    within = !(last instanceof LastHttpContent);
    headDecoded = within && (headDecoded || last instanceof HttpRequest);
    if (!within) {
      endWatch();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (paused && event instanceof ChannelInputShutdownEvent) {
      inputEnd = event;
    } else {
      super.userEventTriggered(context, event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    endWatch();
    super.channelInactive(context);
  }

  private void watch(ChannelHandlerContext context) {
    watchedSince = System.nanoTime();
    watchedBytes = 0;
    long interval = WATCH_INTERVAL.toMillis();
    watch =
        context
            .executor()
            .scheduleAtFixedRate(
                () -> {
                  if (isTooSlow()) {
                    endWatch();
                    context.fireUserEventTriggered(FastConnection.TOO_SLOW);
                  }
                },
                interval,
                interval,
                MILLISECONDS);
  }

  private boolean isTooSlow() {
    Duration taken = Duration.ofNanos(System.nanoTime() - watchedSince);
    return (!headDecoded && taken.compareTo(limits.head()) >= 0)
        || limits.arrival().isTooSlow(taken, watchedBytes);
  }

  private void endWatch() {
    if (watch != null) {
      watch.cancel(false);
      watch = null;
    }
  }

  /** Refuses a second Content-Length, which the superclass ignores in HTTP/1.0. */
  private static final class OneLength implements HttpHeadersFactory {
    private final HttpHeadersFactory usual = DefaultHttpHeadersFactory.headersFactory();

    @Override
    public HttpHeaders newHeaders() {
      return new DefaultHttpHeaders() {
        @Override
        public HttpHeaders add(CharSequence name, Object value) {
          if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name) && contains(name)) {
            throw new IllegalArgumentException("more than one Content-Length");
          }
          return super.add(name, value);
        }
      };
    }

    @Override
    public HttpHeaders newEmptyHeaders() {
      return usual.newEmptyHeaders();
    }
  }
}
