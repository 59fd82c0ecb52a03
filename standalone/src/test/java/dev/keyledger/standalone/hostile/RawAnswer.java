package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.keyledger.standalone.process.Feed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The first answer on a connection to a request of raw bytes; of a feed, its first messages.
 *
 * @param status 0 if the connection was closed without an answer
 * @param body its chunks, joined
 */
public record RawAnswer(int status, HttpHeaders headers, String body) {
  private static final int PATIENCE_MILLIS = 20_000;

  /** A feed's head and first message are shorter. */
  private static final int FEED_BYTES_MAX = 64 * 1024;

  private static final String HEAD_END = "\r\n\r\n";

  /**
   * Sends the bytes and nothing more, reads until the other side closes, and parses the answer.
   *
   * @throws SocketTimeoutException if the other side neither answers nor closes
   */
  public static RawAnswer to(URI port, byte[] request) throws IOException {
    return to(port, request, true);
  }

  /** Does the same without half-closing, which a proxy may treat as a client that has left. */
  public static RawAnswer to(URI port, byte[] request, boolean halfClosing) throws IOException {
    try (var socket = new Socket(port.getHost(), port.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      try {
        socket.getOutputStream().write(request);
        if (halfClosing) {
          socket.shutdownOutput();
        }
      } catch (IOException closedEarly) {
        // It was refused before it was read completely; the answer can be read.
      }
      return parse(received(socket));
    }
  }

  private static String received(Socket socket) throws IOException {
    var bytes = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    try {
      for (int n = socket.getInputStream().read(part);
          n >= 0;
          n = socket.getInputStream().read(part)) {
        bytes.write(part, 0, n);
        if (bytes.size() <= FEED_BYTES_MAX && isFeed(bytes)) {
          break;
        }
      }
    } catch (SocketTimeoutException hangs) {
      throw hangs;
    } catch (IOException reset) {
      // A reset ends it too.
    }
    return bytes.toString(ISO_8859_1);
  }

  /** Returns whether the bytes are the beginning of an endless feed, with a whole message. */
  private static boolean isFeed(ByteArrayOutputStream bytes) {
    String received = bytes.toString(ISO_8859_1);
    int end = received.indexOf(HEAD_END);
    return end >= 0
        && received.substring(0, end).contains("Content-Type: " + Feed.MEDIA_TYPE)
        && received.indexOf("\n\n", end) >= 0;
  }

  private static RawAnswer parse(String received) {
    int end = received.indexOf(HEAD_END);
    if (!received.startsWith("HTTP/1.1 ") || end < 0) {
      return new RawAnswer(0, HttpHeaders.of(Map.of(), (_, _) -> true), received);
    }
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    received
        .substring(0, end)
        .lines()
        .skip(1)
        .forEach(line -> {
          String[] parts = line.split(":", 2);
          headers.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1].strip());
        });
    String body = received.substring(end + HEAD_END.length());
    return new RawAnswer(
        Integer.parseInt(received.substring(9, 12)),
        HttpHeaders.of(headers, (_, _) -> true),
        headers.containsKey("Transfer-Encoding") ? joined(body) : body);
  }

  private static String joined(String chunks) {
    var body = new StringBuilder();
    int at = 0;
    for (int end = chunks.indexOf("\r\n"); end > at; end = chunks.indexOf("\r\n", at)) {
      int size = Integer.parseInt(chunks.substring(at, end), 16);
      int start = end + 2;
      body.append(chunks, start, Math.min(chunks.length(), start + size));
      at = Math.min(chunks.length(), start + size + 2);
    }
    return body.toString();
  }
}
