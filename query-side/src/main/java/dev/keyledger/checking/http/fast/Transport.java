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

/** What the kernel is asked by for requests and told answers by, the cheapest first. */
public enum Transport {
  /** On Linux; containers forbid it by default. */
  IO_URING(IoUringServerSocketChannel.class) {
    @Override
    public boolean isAvailable() {
      return IoUring.isAvailable();
    }

    @Override
    IoHandlerFactory handlers() {
      return IoUringIoHandler.newFactory();
    }
  },
  /** On Linux. */
  EPOLL(EpollServerSocketChannel.class) {
    @Override
    public boolean isAvailable() {
      return Epoll.isAvailable();
    }

    @Override
    IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }
  },
  /** Wherever Java runs. */
  NIO(NioServerSocketChannel.class) {
    @Override
    public boolean isAvailable() {
      return true;
    }

    @Override
    IoHandlerFactory handlers() {
      return NioIoHandler.newFactory();
    }
  };

  private final Class<? extends ServerChannel> server;

  Transport(Class<? extends ServerChannel> server) {
    this.server = server;
  }

  /** Whether this machine has it and lets this process use it. */
  public abstract boolean isAvailable();

  abstract IoHandlerFactory handlers();

  Class<? extends ServerChannel> server() {
    return server;
  }

  static Transport best() {
    return Arrays.stream(values()).filter(Transport::isAvailable).findFirst().orElseThrow();
  }
}
