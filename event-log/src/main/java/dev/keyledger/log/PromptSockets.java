package dev.keyledger.log;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import javax.net.SocketFactory;

/**
 * Makes the sockets of connections that wait for notifications; the driver makes one by the name of
 * this class.
 *
 * <p>To see whether more has come, the driver reads with a time-out of one millisecond, again after
 * each notification that it gets. Where something is appended more often than that, it would come
 * back to its caller only once the log is quiet. Such a read does not wait here.
 */
public final class PromptSockets extends SocketFactory {
  private static final int A_LOOK_MILLIS = 1;

  /** Called by the driver. */
  public PromptSockets() {}

  @Override
  public Socket createSocket() {
    return new PromptSocket();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw notAsked();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw notAsked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw notAsked();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw notAsked();
  }

  private static UnsupportedOperationException notAsked() {
    return new UnsupportedOperationException("the driver connects its sockets by itself");
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
          if (getSoTimeout() == A_LOOK_MILLIS && in.available() == 0) {
            throw new SocketTimeoutException("nothing has come");
          }
        }
      };
    }
  }
}
