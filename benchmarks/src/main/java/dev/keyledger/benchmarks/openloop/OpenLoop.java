package dev.keyledger.benchmarks.openloop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * Sends requests at a steady rate. Each request has a scheduled time, and its latency is measured
 * from that time, so that a pause of the server delays everything scheduled during it.
 *
 * <p>It uses one thread that never sleeps, and a bounded number of connections with one outstanding
 * request each. A request that finds no free connection waits for one, and the wait counts.
 */
public final class OpenLoop {
  private static final int CONNECTIONS = 64;
  private static final int ANSWER_BYTES_MAX = 16 * 1024;
  private static final int SECOND_NANOS = 1_000_000_000;
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)\r\n");

  private final Selector selector = Selector.open();
  private final ArrayDeque<Connection> free = new ArrayDeque<>();
  private final List<byte[]> requests;
  private final long intervalNanos;
  private final Map<String, Long> statuses = new TreeMap<>();
  private Histogram latencies = new Histogram(3);
  private int outstanding;

  private OpenLoop(InetSocketAddress server, List<byte[]> requests, int perSecond)
      throws IOException {
    if (!server.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException("only a server on this machine may be loaded");
    }
    this.requests = requests;
    this.intervalNanos = SECOND_NANOS / perSecond;
    for (int i = 0; i < CONNECTIONS; i++) {
      free.add(new Connection(server));
    }
  }

  /**
   * Loads a server and prints the latencies.
   *
   * @param arguments the server's address on this machine; what to send: {@code forward-auth},
   *     {@code verify} or {@code /}; requests per second; seconds of the measurement, preceded by a
   *     warm-up of the same length; the file of the keys to present; the root key
   */
  public static void main(String[] arguments) throws IOException {
    URI uri = URI.create(arguments[0]);
    int perSecond = Integer.parseInt(arguments[2]);
    int seconds = Integer.parseInt(arguments[3]);
    var requests = new ArrayList<byte[]>();
    for (String key : Files.readAllLines(Path.of(arguments[4]))) {
      requests.add(request(arguments[1], key, arguments[5]).getBytes(ISO_8859_1));
    }
    var load =
        new OpenLoop(new InetSocketAddress(uri.getHost(), uri.getPort()), requests, perSecond);
    load.send(perSecond * seconds);
    load.latencies = new Histogram(3);
    load.statuses.clear();
    load.send(perSecond * seconds);
    load.report();
  }

  private static String request(String what, String key, String rootKey) {
    if (what.equals("verify")) {
      String body = "{\"key\": \"" + key + "\"}";
      return "POST /v1/verify HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
          + rootKey
          + "\r\nContent-Type: application/json\r\nContent-Length: "
          + body.length()
          + "\r\n\r\n"
          + body;
    }
    String target = what.equals("/") ? what : "/v1/forward-auth?permission=read:orders";
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key + "\r\n\r\n";
  }

  private void send(int count) throws IOException {
    long start = System.nanoTime() + SECOND_NANOS / 10;
    int sent = 0;
    while (sent < count || outstanding > 0) {
      long due = start + sent * intervalNanos;
      while (sent < count && System.nanoTime() - due >= 0 && !free.isEmpty()) {
        free.remove().send(requests.get(sent % requests.size()), due);
        sent++;
        outstanding++;
        due += intervalNanos;
      }
      selector.selectNow(this::receive);
    }
  }

  private void receive(SelectionKey key) {
    var connection = (Connection) key.attachment();
    try {
      if (connection.receivedAll()) {
        latencies.recordValue(Math.max(0, System.nanoTime() - connection.due));
        statuses.merge(connection.status(), 1L, Long::sum);
        outstanding--;
        free.add(connection);
      }
    } catch (IOException e) {
      throw new IllegalStateException("a connection failed", e);
    }
  }

  private void report() {
    System.out.printf(
        "%d %d %d %d %s%n",
        latencies.getValueAtPercentile(50) / 1000,
        latencies.getValueAtPercentile(99) / 1000,
        latencies.getValueAtPercentile(99.9) / 1000,
        latencies.getMaxValue() / 1000,
        statuses);
  }

  /** A connection that is free, or waits for the end of one answer. */
  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES_MAX);
    private long due;

    Connection(InetSocketAddress server) throws IOException {
      channel = SocketChannel.open(server);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void send(byte[] request, long when) throws IOException {
      due = when;
      answer.clear();
      if (channel.write(ByteBuffer.wrap(request)) < request.length) {
        throw new IOException("a request does not fit into the socket");
      }
    }

    boolean receivedAll() throws IOException {
      if (channel.read(answer) < 0) {
        throw new IOException("the server closed a connection");
      }
      String text = new String(answer.array(), 0, answer.position(), ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return false;
      }
      Matcher length = LENGTH.matcher(text.substring(0, end + 2));
      int body = length.find() ? Integer.parseInt(length.group(1)) : 0;
      return answer.position() >= end + 4 + body;
    }

    /** Returns the three digits of the status line. */
    String status() {
      return new String(answer.array(), 9, 3, ISO_8859_1);
    }
  }
}
