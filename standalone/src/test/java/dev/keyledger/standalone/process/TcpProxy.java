package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A proxy to a server that can be slow, silent, or cut. Initially good. */
public final class TcpProxy implements AutoCloseable {
  /** The state of the connection. */
  public enum Line {
    /** Data is forwarded. */
    GOOD,
    /** Data is forwarded with a delay. */
    SLOW,
    /** No data is forwarded, and neither side receives an error. */
    SILENT,
    /** Connections are closed, and new ones are refused. */
    CUT
  }

  private static final Duration SLOWNESS = Duration.ofMillis(20);
  private static final Duration POLL_EVERY = Duration.ofMillis(5);

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile Line line = Line.GOOD;

  /**
   * Begins to listen.
   *
   * @param target the port of a server on loopback
   */
  public TcpProxy(int target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  /** Returns the port that it listens on. */
  public int port() {
    return server.getLocalPort();
  }

  /** Changes the state, also for existing connections. */
  public void become(Line changed) {
    line = changed;
    if (changed == Line.CUT) {
      cut();
    }
  }

  /** Cuts all connections; new ones are possible if the state is GOOD. */
  public void cut() {
    open.forEach(TcpProxy::close);
  }

  /** Returns the number of connections refused so far. */
  public int refused() {
    return refused.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        if (line == Line.CUT) {
          refused.incrementAndGet();
          client.close();
          continue;
        }
        Socket postgres = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(postgres);
        Thread.ofVirtual().start(() -> pump(client, postgres));
        Thread.ofVirtual().start(() -> pump(postgres, client));
      }
    } catch (IOException e) {
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[8192];
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (line == Line.SLOW) {
          LockSupport.parkNanos(SLOWNESS.toNanos());
        }
        while (line == Line.SILENT && !from.isClosed() && !to.isClosed()) {
          LockSupport.parkNanos(POLL_EVERY.toNanos());
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException _) {
      // One end closed the connection; closing the other ends its pump.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
