package dev.keyledger.checking.http.fast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.launch.StartupRefusedException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port besides the main one, with its own event loops. Thread-safe. */
public final class ListeningPort {
  /** The maximum number of bytes that are read at once, and may stay undecoded for a while. */
  private static final int READ_BYTES_MAX = 16 * 1024;

  private static final int BACKLOG = 1024;
  private static final Duration STOP_WAIT_MAX = Duration.ofSeconds(3);
  private static final Logger LOG = LoggerFactory.getLogger(ListeningPort.class);

  private final String name;
  private final String setting;
  private final InetSocketAddress address;
  private final Transport transport;
  private final boolean tls;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  @GuardedBy("this")
  private @Nullable EventLoopGroup loops;

  @GuardedBy("this")
  private @Nullable Channel server;

  /** Sets up a new connection. */
  @FunctionalInterface
  public interface Connections {
    /** Adds the handlers of a connection, before anything is read from it. */
    void opened(Channel connection, InetAddress peer);
  }

  /**
   * @param name its name in logs
   * @param setting the variable that sets the port
   * @param tls whether connections have TLS, for a log line
   */
  public ListeningPort(
      String name, String setting, InetSocketAddress address, Transport transport, boolean tls) {
    this.name = name;
    this.setting = setting;
    this.address = address;
    this.transport = transport;
    this.tls = tls;
  }

  /**
   * Binds the port.
   *
   * @param options adds to the options of connections
   * @throws StartupRefusedException if the port is taken
   */
  public synchronized void start(Consumer<ServerBootstrap> options, Connections handlers) {
    loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(), transport.handlers());
    var bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.server())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(64, 2048, READ_BYTES_MAX))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    if (connection.remoteAddress() instanceof InetSocketAddress remote) {
                      connections.add(connection);
                      handlers.opened(connection, remote.getAddress());
                    } else {
                      var _ = connection.close(); // the client has reset it already
                    }
                  }
                });
    options.accept(bootstrap);
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      loops = null;
      throw new StartupRefusedException(
          "%s cannot use %s; set %s to a free port, or to 0 to do without it"
              .formatted(name, address, setting),
          bound.cause());
    }
    server = bound.channel();
    LOG.info("{} on {}{}, by {}", name, server.localAddress(), tls ? ", with TLS" : "", transport);
  }

  /** Returns the address that it is bound to, or will be. */
  public synchronized InetSocketAddress address() {
    return server == null ? address : (InetSocketAddress) server.localAddress();
  }

  /**
   * Closes the port, lets requests in progress finish, then closes all connections.
   *
   * @param end tells a connection to close as soon as no request is in progress
   */
  public synchronized void stop(Consumer<Channel> end) {
    if (server != null && loops != null) {
      server.close().awaitUninterruptibly();
      connections.forEach(end);
      connections.newCloseFuture().awaitUninterruptibly(STOP_WAIT_MAX.toMillis());
      connections.close().awaitUninterruptibly(STOP_WAIT_MAX.toMillis());
      loops
          .shutdownGracefully(0, STOP_WAIT_MAX.toSeconds(), TimeUnit.SECONDS)
          .awaitUninterruptibly();
      server = null;
      loops = null;
    }
  }

  /** Returns whether the port is enabled; 0 disables it. */
  public boolean isEnabled() {
    return address.getPort() != 0;
  }

  public synchronized boolean isRunning() {
    return server != null;
  }

  /**
   * Returns whether each of its threads runs and the port is open; true before the start and after
   * the stop.
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
