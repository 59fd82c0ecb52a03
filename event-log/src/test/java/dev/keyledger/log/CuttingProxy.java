package dev.keyledger.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy to PostgreSQL that can drop the response to a request and cut the connection. Afterwards
 * it either refuses all connections or accepts new ones.
 */
final class CuttingProxy implements AutoCloseable {
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

  /** From now on, forwards requests, drops the first response and cuts its connections. */
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
        Thread.ofVirtual().start(() -> pump(client, postgres, false));
        Thread.ofVirtual().start(() -> pump(postgres, client, true));
      }
    } catch (IOException e) {
      if (!server.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[8192];
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (answers && cutNextAnswer) {
          cutNextAnswer = false;
          refuse = refuseAfterCut;
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
