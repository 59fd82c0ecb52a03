package dev.keyledger.checking.http.extauthz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages in the form of Envoy's. */
final class Messages {
  private Messages() {}

  /**
   * Returns a {@code CheckRequest}.
   *
   * @param extensions the gateway's configuration
   * @param headers the client's headers
   * @param source the peer of the gateway; null for a pipe
   */
  static byte[] check(
      Map<String, String> extensions, Map<String, String> headers, @Nullable String source) {
    var http = new ProtobufWriter().text(2, "GET").text(4, "/orders/1?a=b");
    headers.forEach((name, value) -> http.message(3, entry(name, value)));
    var attributes = new ProtobufWriter();
    if (source != null) {
      var socket = new ProtobufWriter().text(2, source).number(3, 50_000);
      var address = new ProtobufWriter().message(1, socket);
      attributes.message(1, new ProtobufWriter().message(1, address).text(4, "spiffe://a/b"));
    }
    attributes.message(4, new ProtobufWriter().message(2, http));
    extensions.forEach((name, value) -> attributes.message(10, entry(name, value)));
    return new ProtobufWriter().message(1, attributes).toByteArray();
  }

  static ProtobufWriter entry(String name, String value) {
    return new ProtobufWriter().text(1, name).text(2, value);
  }

  /** Returns the status that an answer denies a request with; 200 if it does not. */
  static int statusOf(byte[] answer) throws ProtobufReader.MalformedException {
    int status = 0;
    var response = new ProtobufReader(answer);
    while (response.next()) {
      if (response.number() == 3) {
        status = 200;
      } else if (response.number() == 2) {
        var denied = response.message();
        while (denied.next()) {
          if (denied.number() == 1) {
            status = numberOf(denied.text(ISO_8859_1));
          }
        }
      }
    }
    return status;
  }

  /** Reads a message with one number as field 1. */
  private static int numberOf(String message) {
    int value = 0;
    for (int at = 1; at < message.length(); at++) {
      value |= (message.charAt(at) & 0x7f) << (7 * (at - 1));
    }
    return value;
  }
}
