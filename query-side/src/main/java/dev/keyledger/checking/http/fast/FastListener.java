package dev.keyledger.checking.http.fast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.RequestHead;
import dev.keyledger.launch.StartupRefusedException;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Serves verification over HTTP/1.1 without a servlet container, with TLS if the main port has it.
 * The event loops decide checks, because checks do not block. A request that waits for a position
 * waits on a virtual thread.
 */
public final class FastListener implements SmartLifecycle {
  /**
   * The limit of the decoder for a request line and for headers; {@link RequestHead} is stricter.
   */
  private static final int HEAD_BYTES_MAX = 2 * RequestHead.BYTES_MAX;

  /** The maximum number of connections; further ones are closed at once. */
  static final int CONNECTIONS_MAX = 8192;

  /** How long a connection may be idle, between requests or within one. */
  static final Duration IDLE_MAX = Duration.ofSeconds(60);

  private static final int BACKLOG = 1024;
  private static final Duration STOP_WAIT_MAX = Duration.ofSeconds(3);
  private static final Logger LOG = LoggerFactory.getLogger(FastListener.class);

  private final InetSocketAddress address;
  private final VerificationHandler handler;
  private final RequestTimers timers;
  private final InstantSource clock;
  private final @Nullable FastTls tls;
  private final Transport transport;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  @GuardedBy("this")
  private @Nullable EventLoopGroup loops;

  @GuardedBy("this")
  private @Nullable Channel server;

  /** Makes a listener without TLS. */
  public FastListener(
      InetSocketAddress address,
      VerificationHandler handler,
      MeterRegistry registry,
      InstantSource clock,
      Transport transport) {
    this(address, handler, registry, clock, null, transport);
  }

  /**
   * @param registry records the duration of requests
   * @param tls null for HTTP without TLS
   */
  FastListener(
      InetSocketAddress address,
      VerificationHandler handler,
      MeterRegistry registry,
      InstantSource clock,
      @Nullable FastTls tls,
      Transport transport) {
    this.address = address;
    this.handler = handler;
    this.timers = new RequestTimers(registry);
    this.clock = clock;
    this.tls = tls;
    this.transport = transport;
  }

  /**
   * Binds the port.
   *
   * @throws StartupRefusedException if the port is taken
   */
  @Override
  public synchronized void start() {
    loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(), transport.handlers());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.server())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new Connections())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      loops = null;
      throw new StartupRefusedException(
          "The fast listener cannot use %s; set KEYLEDGER_FAST_PORT to a free port, or to 0 to do"
                  .formatted(address)
              + " without it",
          bound.cause());
    }
    server = bound.channel();
    LOG.info(
        "Fast listener on {}{}, by {}",
        server.localAddress(),
        tls == null ? "" : ", with TLS",
        transport);
  }

  private final class Connections extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel connection) {
      if (connections.size() >= CONNECTIONS_MAX) {
        var _ = connection.close();
        return;
      }
      connections.add(connection);
      ChannelPipeline pipeline = connection.pipeline();
      pipeline.addLast(new ReadTimeoutHandler(IDLE_MAX.toSeconds(), TimeUnit.SECONDS));
      if (tls != null) {
        pipeline.addLast(tls.handler());
      }
      pipeline
          .addLast(decoder())
          .addLast(new FastConnection(handler, timers, clock, peerAddress(connection)));
    }

    private String peerAddress(Channel connection) {
      InetAddress peer = ((InetSocketAddress) connection.remoteAddress()).getAddress();
      String address = peer.getHostAddress();
      int zone = address.indexOf('%');
      return zone < 0 ? address : address.substring(0, zone);
    }
  }

  /** Returns the decoder in front of each {@link FastConnection}. */
  static HttpRequestDecoder decoder() {
    return new HttpRequestDecoder(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(HEAD_BYTES_MAX)
            .setMaxHeaderSize(HEAD_BYTES_MAX));
  }

  /** Returns the address that it is bound to, or will be. */
  public synchronized InetSocketAddress address() {
    return server == null ? address : (InetSocketAddress) server.localAddress();
  }

  /** Closes the port, lets requests in progress finish, then closes all connections. */
  @Override
  public synchronized void stop() {
    if (server != null && loops != null) {
      server.close().awaitUninterruptibly();
      connections.forEach(
          connection -> connection.pipeline().fireUserEventTriggered(FastConnection.END));
      connections.newCloseFuture().awaitUninterruptibly(STOP_WAIT_MAX.toMillis());
      connections.close().awaitUninterruptibly();
      loops
          .shutdownGracefully(0, STOP_WAIT_MAX.toSeconds(), TimeUnit.SECONDS)
          .awaitUninterruptibly();
      server = null;
      loops = null;
    }
  }

  /** Whether the application starts it: not if its port is 0. */
  @Override
  public boolean isAutoStartup() {
    return address.getPort() != 0;
  }

  @Override
  public synchronized boolean isRunning() {
    return server != null;
  }
}
