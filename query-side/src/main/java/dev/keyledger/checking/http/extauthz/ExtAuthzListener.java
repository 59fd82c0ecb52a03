package dev.keyledger.checking.http.extauthz;

import dev.keyledger.checking.http.RequestTimers;
import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.checking.http.fast.ClientFailures;
import dev.keyledger.checking.http.fast.FastTls;
import dev.keyledger.checking.http.fast.ListeningPort;
import dev.keyledger.checking.http.fast.OpenConnections;
import dev.keyledger.checking.http.fast.Transport;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Serves {@code envoy.service.auth.v3.Authorization/Check} over HTTP/2, with TLS if the main port
 * has it. The event loops decide, because checks do not block; a call that waits for a position
 * waits on a virtual thread.
 */
final class ExtAuthzListener implements SmartLifecycle {
  private final ListeningPort port;
  private final ExtAuthzContext context;
  private final OpenConnections open;
  private final @Nullable FastTls tls;

  /**
   * @param registry records the duration of checks
   * @param tls null for HTTP/2 without TLS
   * @param unfinished counts the bytes of unfinished calls with those of the other ports
   */
  ExtAuthzListener(
      InetSocketAddress address,
      VerificationHandler handler,
      MeterRegistry registry,
      @Nullable FastTls tls,
      Transport transport,
      ExtAuthzLimits limits,
      UnfinishedBodies unfinished) {
    this.port =
        new ListeningPort(
            "External authorization", "KEYLEDGER_EXT_AUTHZ_PORT", address, transport, tls != null);
    this.context =
        new ExtAuthzContext(
            handler,
            new RequestTimers(registry),
            unfinished,
            new ClientFailures(registry, "keyledger.ext.authz.failures", "external authorization"),
            limits);
    this.open = new OpenConnections(limits.connections(), limits.connectionsPerSource());
    this.tls = tls;
  }

  /**
   * Binds the port.
   *
   * @throws dev.keyledger.launch.StartupRefusedException if the port is taken
   */
  @Override
  public void start() {
    port.start(_ -> {}, this::opened);
  }

  private void opened(Channel channel, InetAddress peer) {
    if (tls != null) {
      channel.pipeline().addLast(tls.handler(ApplicationProtocolNames.HTTP_2));
    }
    var connection = new GatewayConnection(context, channel, peer);
    var settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(context.limits().calls())
            .maxHeaderListSize(ExtAuthzLimits.METADATA_BYTES_MAX);
    channel
        .pipeline()
        .addLast(
            Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .gracefulShutdownTimeoutMillis(context.limits().goodbye().toMillis())
                .build(),
            new Http2MultiplexHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel call) {
                    call.pipeline().addLast(new GrpcCall(context, connection));
                  }
                }),
            connection);
    open.add(connection);
    channel.closeFuture().addListener(_ -> open.remove(connection));
  }

  /** Returns the address that it is bound to, or will be. */
  InetSocketAddress address() {
    return port.address();
  }

  /** Closes the port, sends gateways a GOAWAY frame, lets calls in progress finish. */
  @Override
  public void stop() {
    port.stop(channel -> channel.pipeline().fireUserEventTriggered(GatewayConnection.END));
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
  boolean isSound() {
    return port.isSound();
  }
}
