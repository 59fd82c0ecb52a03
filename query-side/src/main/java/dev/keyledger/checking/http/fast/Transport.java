package dev.keyledger.checking.http.fast;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.Arrays;

/** The kernel interface for network I/O, the cheapest first. */
public enum Transport {
  /** Linux only; containers forbid it by default. */
  IO_URING(IoUringServerSocketChannel.class) {
    @Override
    public boolean isAvailable() {
      return IoUring.isAvailable();
    }

    @Override
    public IoHandlerFactory handlers() {
      return IoUringIoHandler.newFactory();
    }
  },
  /** Linux only. */
  EPOLL(EpollServerSocketChannel.class) {
    @Override
    public boolean isAvailable() {
      return Epoll.isAvailable();
    }

    @Override
    public IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }
  },
  /** Available wherever Java runs. */
  NIO(NioServerSocketChannel.class) {
    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    public IoHandlerFactory handlers() {
      return NioIoHandler.newFactory();
    }
  };

  private final Class<? extends ServerChannel> server;

  Transport(Class<? extends ServerChannel> server) {
    this.server = server;
  }

  /** Returns whether this process can use it on this machine. */
  public abstract boolean isAvailable();

  /** Returns the factory of the event loops' handlers. */
  public abstract IoHandlerFactory handlers();

  /** Returns the type of a listening socket. */
  public Class<? extends ServerChannel> server() {
    return server;
  }

  /** Returns the cheapest transport that is available. */
  public static Transport best() {
    return Arrays.stream(values()).filter(Transport::isAvailable).findFirst().orElseThrow();
  }
}
