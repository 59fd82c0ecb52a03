package dev.keyledger.log;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import javax.net.SocketFactory;

/**
 * Creates the sockets of connections that wait for notifications. The driver instantiates this
 * class by name.
 *
 * <p>To check for more notifications, the driver reads with a timeout of one millisecond, again
 * after each notification. While appends are more frequent than that, it does not return to its
 * caller. These sockets do not wait in such a read.
 */
public final class PromptSockets extends SocketFactory {
  private static final int POLL_MILLIS = 1;

  /** Called by the driver. */
  public PromptSockets() {}

  @Override
  public Socket createSocket() {
    return new PromptSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw unsupported();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw unsupported();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw unsupported();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw unsupported();
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("the driver connects its sockets itself");
  }

  private static final class PromptSocket extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          refuseToWait();
          return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          refuseToWait();
          return in.read(bytes, offset, length);
        }

        private void refuseToWait() throws IOException {
          if (getSoTimeout() == POLL_MILLIS && in.available() == 0) {
            throw new SocketTimeoutException("no data available");
          }
        }
      };
    }
  }
}
