package dev.keyledger.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * A proxy to PostgreSQL that can drop the response to a request and cut the connection. Afterwards
 * it either refuses all connections or accepts new ones.
 */
final class CuttingProxy implements AutoCloseable {
  /** The application name of an appender's connection. */
  private static final String APPENDER = "keyledger appender";

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cutNextAnswer;
  private volatile boolean refuseAfterCut;
  private volatile boolean refuse;

  CuttingProxy(int target) throws IOException {
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /**
   * Forwards requests from now on, drops the first response to an appender and cuts its
   * connections. Other connections, which a pool may open at any time, continue.
   */
  void cutNextAnswer(boolean andRefuseAllAfterwards) {
    refuseAfterCut = andRefuseAllAfterwards;
    cutNextAnswer = true;
  }

  /** Cuts all connections and refuses new ones until {@link #acceptAgain}. */
  void cut() throws IOException {
    refuse = true;
    for (Socket socket : open) {
      socket.close();
    }
  }

  void acceptAgain() {
    refuse = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        if (refuse) {
          client.close();
          continue;
        }
        Socket postgres = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(postgres);
        var isAppender = new AtomicBoolean();
        Thread.ofVirtual().start(() -> pumpRequests(client, postgres, isAppender));
        Thread.ofVirtual().start(() -> pumpAnswers(postgres, client, isAppender));
      }
    } catch (IOException e) {
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void pumpRequests(Socket client, Socket postgres, AtomicBoolean isAppender) {
    pump(
        client,
        postgres,
        request -> {
          if (request.contains(APPENDER)) {
            isAppender.set(true);
          }
          return true;
        });
  }

  private void pumpAnswers(Socket postgres, Socket client, AtomicBoolean isAppender) {
    pump(
        postgres,
        client,
        _ -> {
          boolean isCut = cutNextAnswer && isAppender.get();
          if (isCut) {
            cutNextAnswer = false;
            refuse = refuseAfterCut;
          }
          return !isCut;
        });
  }

  private void pump(Socket from, Socket to, Predicate<String> goesOn) {
    byte[] buffer = new byte[8192];
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (!goesOn.test(new String(buffer, 0, read, StandardCharsets.ISO_8859_1))) {
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException _) {
      // One end closed the connection; closing the other ends its pump.
      open.remove(from);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
