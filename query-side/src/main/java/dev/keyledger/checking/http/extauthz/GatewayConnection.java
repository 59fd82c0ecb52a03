package dev.keyledger.checking.http.extauthz;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.keyledger.access.Source;
import dev.keyledger.checking.http.fast.OpenConnections;
import dev.keyledger.checking.http.fast.PeerAddress;
import dev.keyledger.launch.FatalErrors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.OutOfDirectMemoryError;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a gateway, whose calls are separate channels on the same event loop. It ends in
 * two steps (RFC 9113 section 6.8), so that no call is lost: the gateway gets a GOAWAY frame, and a
 * while later the last calls are answered.
 *
 * <p>Only the event loop uses the fields, except where noted.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class GatewayConnection extends ChannelInboundHandlerAdapter
    implements OpenConnections.Connection {
  /** The event that ends the connection. */
  static final Object END = new Object();

  private final ExtAuthzContext context;
  private final Channel channel;
  private final String peerAddress;
  private final Source source;
  private final long openedNanos = System.nanoTime();

  /** The time of the last answer, read by other threads. */
  private volatile long lastServedNanos = openedNanos;

  private @Nullable Future<?> nextReview;
  private int calls;
  private boolean ending;

  GatewayConnection(ExtAuthzContext context, Channel channel, InetAddress peer) {
    this.context = context;
    this.channel = channel;
    this.peerAddress = PeerAddress.literal(peer);
    this.source = Source.of(peerAddress);
  }

  String peerAddress() {
    return peerAddress;
  }

  @Override
  public Source source() {
    return source;
  }

  @Override
  public long lastServedNanos() {
    return lastServedNanos;
  }

  /** Closes without a GOAWAY frame, which the gateway may not read. */
  @Override
  public void close() {
    channel.eventLoop().execute(() -> channel.pipeline().firstContext().close());
  }

  void callBegins() {
    calls++;
  }

  void callEnds() {
    calls--;
  }

  void served() {
    lastServedNanos = System.nanoTime();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    review();
  }

  /** Releases everything of a closed connection. */
  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    if (nextReview != null) {
      nextReview.cancel(false);
    }
  }

  /**
   * Ends the connection if it is old, or idle: pings do not count. Otherwise schedules the next
   * review.
   */
  private void review() {
    long now = System.nanoTime();
    Duration age = Duration.ofNanos(now - openedNanos);
    Duration idle = Duration.ofNanos(calls > 0 ? 0 : now - lastServedNanos);
    Duration left = context.limits().idle().minus(idle);
    Duration leftOfAge = context.limits().age().minus(age);
    Duration next = left.compareTo(leftOfAge) < 0 ? left : leftOfAge;
    if (next.isPositive()) {
      nextReview = channel.eventLoop().schedule(this::review, next.toNanos(), NANOSECONDS);
    } else {
      end();
    }
  }

  private void end() {
    if (ending || !channel.isActive()) {
      return;
    }
    ending = true;
    Http2GoAwayFrame goAway = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
    goAway.setExtraStreamIds(Integer.MAX_VALUE);
    channel.writeAndFlush(goAway);
    long goodbyeNanos = context.limits().goodbye().toNanos();
    channel.eventLoop().schedule(() -> channel.close(), goodbyeNanos, NANOSECONDS);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext triggered, Object event) throws Exception {
    if (event == END) {
      end();
    } else {
      super.userEventTriggered(triggered, event);
    }
  }

  /** Discards the frames of the connection itself, which the codec has answered. */
  @Override
  public void channelRead(ChannelHandlerContext read, Object frame) {
    ReferenceCountUtil.release(frame);
  }

  /** Closes the connection: the gateway left, or does not speak HTTP/2. */
  @Override
  public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
    Throwable reason =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (!(reason instanceof OutOfDirectMemoryError)) {
      FatalErrors.endIfFatal(reason);
    }
    if (!(reason instanceof IOException)) {
      context.failures().add(peerAddress, reason);
    }
    failed.close();
  }
}
