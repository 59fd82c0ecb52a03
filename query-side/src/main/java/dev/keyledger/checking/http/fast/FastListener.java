package dev.keyledger.checking.http.fast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.arrival.ArrivalLimits;
import dev.keyledger.http.arrival.UnfinishedBodies;
import dev.keyledger.launch.StartupRefusedException;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
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
  /** The maximum number of bytes that are read at once: so much stays undecoded for a while. */
  private static final int READ_BYTES_MAX = 16 * 1024;

  /** The limits of answers that a client has not read: no further request is read above them. */
  private static final WriteBufferWaterMark UNREAD_BYTES =
      new WriteBufferWaterMark(8 * 1024, 16 * 1024);

  /** How long a connection may be idle, between requests or within one. */
  static final Duration IDLE_MAX = Duration.ofSeconds(60);

  private static final int BACKLOG = 1024;
  private static final Duration STOP_WAIT_MAX = Duration.ofSeconds(3);
  private static final Logger LOG = LoggerFactory.getLogger(FastListener.class);

  private final InetSocketAddress address;
  private final FastContext context;
  private final FastLimits limits;
  private final OpenConnections open;
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
    this(
        address,
        handler,
        registry,
        clock,
        null,
        transport,
        FastLimits.DEFAULT,
        new UnfinishedBodies(ArrivalLimits.DEFAULT));
  }

  /**
   * @param registry records the duration of requests
   * @param tls null for HTTP without TLS
   * @param unfinished counts the bytes of unfinished bodies, perhaps with those of another port
   */
  FastListener(
      InetSocketAddress address,
      VerificationHandler handler,
      MeterRegistry registry,
      InstantSource clock,
      @Nullable FastTls tls,
      Transport transport,
      FastLimits limits,
      UnfinishedBodies unfinished) {
    this.address = address;
    this.context = FastContext.of(handler, registry, clock, unfinished);
    this.limits = limits;
    this.open = new OpenConnections(limits);
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
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD_BYTES)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(64, 2048, READ_BYTES_MAX))
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
      if (!(connection.remoteAddress() instanceof InetSocketAddress remote)) {
        var _ = connection.close(); // the client has reset it already
        return;
      }
      connections.add(connection);
      ChannelPipeline pipeline = connection.pipeline();
      pipeline.addLast(new ReadTimeoutHandler(IDLE_MAX.toSeconds(), TimeUnit.SECONDS));
      if (tls != null) {
        pipeline.addLast(tls.handler());
      }
      var decoder = new RequestDecoder(limits);
      var opened = new FastConnection(context, decoder, connection, remote.getAddress());
      pipeline.addLast(decoder, opened);
      open.add(opened);
      connection.closeFuture().addListener(_ -> open.remove(opened));
    }
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

  /**
   * Whether each of its threads runs, and the port is open; true if it was not started, or was
   * stopped.
   */
  public synchronized boolean isSound() {
    if (server == null || loops == null) {
      return true;
    }
    for (EventExecutor loop : loops) {
      if (loop.isShuttingDown()) {
        return false;
      }
    }
    return server.isOpen();
  }
}
