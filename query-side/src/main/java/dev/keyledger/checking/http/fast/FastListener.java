package dev.keyledger.checking.http.fast;

import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.arrival.ArrivalLimits;
import dev.keyledger.http.arrival.UnfinishedBodies;
import dev.keyledger.launch.StartupRefusedException;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Serves verification over HTTP/1.1 without a servlet container, with TLS if the main port has it.
 * The event loops decide checks, because checks do not block. A request that waits for a position
 * waits on a virtual thread.
 */
public final class FastListener implements SmartLifecycle {
  /** The limits of answers that a client has not read: no further request is read above them. */
  private static final WriteBufferWaterMark UNREAD_BYTES =
      new WriteBufferWaterMark(8 * 1024, 16 * 1024);

  /** The longest time for which a connection may be idle, between requests or within one. */
  static final Duration IDLE_MAX = Duration.ofSeconds(60);

  private final ListeningPort port;
  private final FastContext context;
  private final FastLimits limits;
  private final OpenConnections open;
  private final @Nullable FastTls tls;

  /** Creates a listener without TLS. */
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
   * @param unfinished counts the bytes of unfinished bodies, possibly together with another port's
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
    this.port =
        new ListeningPort("Fast listener", "KEYLEDGER_FAST_PORT", address, transport, tls != null);
    this.context = FastContext.of(handler, registry, clock, unfinished);
    this.limits = limits;
    this.open = new OpenConnections(limits.connections(), limits.connectionsPerSource());
    this.tls = tls;
  }

  /**
   * Binds the port.
   *
   * @throws StartupRefusedException if the port is taken
   */
  @Override
  public void start() {
    port.start(
        bootstrap ->
            bootstrap
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD_BYTES),
        this::opened);
  }

  private void opened(Channel connection, InetAddress peer) {
    ChannelPipeline pipeline = connection.pipeline();
    pipeline.addLast(new ReadTimeoutHandler(IDLE_MAX.toSeconds(), TimeUnit.SECONDS));
    if (tls != null) {
      pipeline.addLast(tls.handler());
    }
    var decoder = new RequestDecoder(limits);
    var opened = new FastConnection(context, decoder, connection, peer);
    pipeline.addLast(decoder, opened);
    open.add(opened);
    connection.closeFuture().addListener(_ -> open.remove(opened));
  }

  /** Returns the address that it is bound to, or will be. */
  public InetSocketAddress address() {
    return port.address();
  }

  /** Closes the port, lets requests in progress finish, then closes all connections. */
  @Override
  public void stop() {
    port.stop(connection -> connection.pipeline().fireUserEventTriggered(FastConnection.END));
  }

  /** Returns whether the application starts the listener: false if its port is 0. */
  @Override
  public boolean isAutoStartup() {
    return port.isEnabled();
  }

  @Override
  public boolean isRunning() {
    return port.isRunning();
  }

  /** Returns the same as {@link ListeningPort#isSound}. */
  public boolean isSound() {
    return port.isSound();
  }
}
