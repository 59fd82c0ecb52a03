package dev.keyledger.checking.http.extauthz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that sends the HTTP/2 frames of a test. */
final class FrameClient implements AutoCloseable {
  static final int WINDOW = 65_535;

  private static final int PATIENCE_SECONDS = 30;

  private static final EventLoopGroup LOOP =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** The limits of the listener. */
  final CompletableFuture<Http2Settings> settings =
      new CompletableFuture<Http2Settings>().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);

  /** Completed when the listener announces the end of the connection. */
  final CompletableFuture<Void> goodbye =
      new CompletableFuture<Void>().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);

  private final Channel channel;

  /**
   * @param from the address of this client
   * @param window the number of bytes of answers that it accepts
   */
  FrameClient(InetSocketAddress listener, String from, int window) {
    channel =
        new Bootstrap()
            .group(LOOP)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    var settings = Http2Settings.defaultSettings().initialWindowSize(window);
                    opened
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient()
                                .initialSettings(settings)
                                .gracefulShutdownTimeoutMillis(0)
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                            new Connection());
                  }
                })
            .connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getPort()),
                new InetSocketAddress(from, 0))
            .syncUninterruptibly()
            .channel();
  }

  FrameClient(InetSocketAddress listener) {
    this(listener, "127.0.0.1", WINDOW);
  }

  private final class Connection extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      if (frame instanceof Http2SettingsFrame sent) {
        settings.complete(sent.settings());
      } else if (frame instanceof Http2GoAwayFrame) {
        goodbye.complete(null);
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  /**
   * The answer to a call.
   *
   * @param http the status of HTTP
   * @param grpc the status of gRPC; -1 if there is none
   * @param message the bytes of the message as characters; empty if there is none
   */
  record Reply(int http, int grpc, String message) {
    /** Returns the status that the message denies a request with; 200 if it does not. */
    int denies() throws ProtobufReader.MalformedException {
      return Messages.statusOf(message.getBytes(ISO_8859_1));
    }
  }

  /** A call. */
  static final class Call extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int http;
    private int grpc = -1;
    private @Nullable Channel stream;

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) throws IOException {
      boolean end = false;
      if (frame instanceof Http2HeadersFrame headers) {
        if (headers.headers().status() != null) {
          http = Integer.parseInt(headers.headers().status().toString());
        }
        grpc = headers.headers().getInt("grpc-status", grpc);
        end = headers.isEndStream();
      } else if (frame instanceof Http2DataFrame data) {
        data.content().readBytes(received, data.content().readableBytes());
        end = data.isEndStream();
      }
      ReferenceCountUtil.release(frame);
      if (end) {
        byte[] framed = received.toByteArray();
        int prefix = Math.min(5, framed.length);
        String message = new String(framed, prefix, framed.length - prefix, ISO_8859_1);
        reply.complete(new Reply(http, grpc, message));
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        reply.completeExceptionally(new IOException("reset: " + reset.errorCode()));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      reply.completeExceptionally(new IOException("closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      reply.completeExceptionally(cause);
    }

    /** Sends bytes; nothing is said about them. */
    Call data(byte[] bytes, boolean end) {
      if (stream != null) {
        var _ = stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), end));
      }
      return this;
    }

    boolean isAnswered() {
      return reply.isDone();
    }

    /** Waits for the answer. */
    Reply reply() {
      return reply.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
  }

  static Http2Headers head() {
    return new DefaultHttp2Headers()
        .method("POST")
        .scheme("http")
        .authority("keyledger")
        .path(GrpcCall.PATH)
        .set("content-type", "application/grpc")
        .set("te", "trailers");
  }

  /** Begins a call. */
  Call call(Http2Headers head) {
    var call = new Call();
    Http2StreamChannel stream =
        new Http2StreamChannelBootstrap(channel)
            .handler(call)
            .open()
            .syncUninterruptibly()
            .getNow();
    call.stream = stream;
    stream
        .writeAndFlush(new DefaultHttp2HeadersFrame(head))
        .addListener(written -> {
          if (written.cause() != null) {
            call.reply.completeExceptionally(written.cause());
          }
        });
    return call;
  }

  /** Sends a whole call. */
  Call call(byte[] message) {
    return call(head()).data(framed(message), true);
  }

  static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  boolean isOpen() {
    return channel.isActive();
  }

  /** Sends bytes as they are. */
  static byte[] raw(InetSocketAddress listener, String bytes) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), listener.getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(bytes.getBytes(US_ASCII));
      return socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
  }
}
