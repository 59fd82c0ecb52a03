package dev.keyledger.checking.http.extauthz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.checking.http.extauthz.ProtobufReader.MalformedException;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer.Header;
import dev.keyledger.http.RequestHead;
import dev.keyledger.http.RequestId;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A {@code CheckRequest} of Envoy as the equivalent request of {@code forward-auth}. Not
 * thread-safe.
 *
 * <ul>
 *   <li>The {@code context_extensions} of the gateway's configuration are the query. As a map has
 *       each name once, {@code permission} lists permissions, separated by spaces.
 *   <li>The client's headers are the headers; the gateway's own credential comes from the call's
 *       own headers alone, which no client can send.
 *   <li>The source address, the peer of the gateway, becomes the last hop after those of {@code
 *       X-Forwarded-For}, whether or not the gateway has appended it: otherwise the client could
 *       choose its own address. Like any hop it counts only if the sender of the call is a trusted
 *       proxy.
 * </ul>
 */
final class ExtAuthzRequest implements ApiRequest {
  private static final String METHOD = "POST";
  private static final String PERMISSION = "permission";
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final String FORWARDED = "Forwarded";
  private static final String GATEWAY_TOKEN = VerificationHandler.GATEWAY_TOKEN_HEADER;
  private static final byte[] NO_BODY = {};

  private final String peerAddress;
  private final List<String> gatewayTokens;
  private final List<Header> headers = new ArrayList<>();
  private final StringJoiner extensions = new StringJoiner("&");
  private @Nullable String sourceAddress;
  private int headerBytes;
  private @Nullable String requestId;

  private ExtAuthzRequest(String peerAddress, List<String> gatewayTokens) {
    this.peerAddress = peerAddress;
    this.gatewayTokens = gatewayTokens;
  }

  /**
   * Reads a message.
   *
   * @param peerAddress the sender of the call, an IP literal
   * @param gatewayTokens the tokens in the headers of the call
   * @throws MalformedException if it is malformed
   */
  static ExtAuthzRequest read(byte[] message, String peerAddress, List<String> gatewayTokens)
      throws MalformedException {
    var request = new ExtAuthzRequest(peerAddress, gatewayTokens);
    var reader = new ProtobufReader(message);
    while (reader.next()) {
      if (reader.number() == 1) {
        request.readAttributes(reader.message());
      }
    }
    request.addSource();
    return request;
  }

  private void readAttributes(ProtobufReader attributes) throws MalformedException {
    while (attributes.next()) {
      switch (attributes.number()) {
        case 1 -> readSource(attributes.message());
        case 4 -> readRequest(attributes.message());
        case 10 -> readExtension(attributes.message());
        default -> {}
      }
    }
  }

  /** Reads {@code address.socket_address.address} of a peer; a pipe has none. */
  private void readSource(ProtobufReader peer) throws MalformedException {
    while (peer.next()) {
      if (peer.number() == 1) {
        ProtobufReader address = peer.message();
        while (address.next()) {
          if (address.number() == 1) {
            ProtobufReader socket = address.message();
            while (socket.next()) {
              if (socket.number() == 2) {
                sourceAddress = socket.text(ISO_8859_1);
              }
            }
          }
        }
      }
    }
  }

  /** Reads {@code http.headers}, and {@code http.header_map}, which some gateways send instead. */
  private void readRequest(ProtobufReader request) throws MalformedException {
    while (request.next()) {
      if (request.number() == 2) {
        ProtobufReader http = request.message();
        while (http.next()) {
          switch (http.number()) {
            case 3 -> readHeader(http.message());
            case 13 -> {
              ProtobufReader map = http.message();
              while (map.next()) {
                if (map.number() == 1) {
                  readHeader(map.message());
                }
              }
            }
            default -> {}
          }
        }
      }
    }
  }

  /**
   * Reads a header: an entry of a map, or a {@code HeaderValue}, whose raw value is another field.
   * Headers over the limit are counted, not kept.
   */
  private void readHeader(ProtobufReader entry) throws MalformedException {
    String name = "";
    String value = "";
    while (entry.next()) {
      switch (entry.number()) {
        case 1 -> name = entry.text(ISO_8859_1);
        case 2, 3 -> value = entry.text(ISO_8859_1);
        default -> {}
      }
    }
    if (!name.startsWith(":")) {
      headerBytes += RequestHead.headerBytes(name.length(), value.length());
      if (headerBytes <= RequestHead.FORWARD_AUTH_BYTES_MAX) {
        headers.add(new Header(name, value));
      }
    }
  }

  private void readExtension(ProtobufReader entry) throws MalformedException {
    String name = "";
    String value = "";
    while (entry.next()) {
      switch (entry.number()) {
        case 1 -> name = entry.text(UTF_8);
        case 2 -> value = entry.text(UTF_8);
        default -> {}
      }
    }
    if (name.equals(PERMISSION)) {
      for (String permission : value.split(" ", -1)) {
        addParameter(PERMISSION, permission);
      }
    } else {
      addParameter(name, value);
    }
  }

  private void addParameter(String name, String value) {
    if (extensions.length() <= RequestHead.FORWARD_AUTH_BYTES_MAX) {
      extensions.add(encoded(name) + "=" + encoded(value));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private void addSource() {
    if (sourceAddress == null) {
      return;
    }
    boolean forwarded = headers(FORWARDED_FOR).isEmpty() && !headers(FORWARDED).isEmpty();
    headers.add(
        forwarded
            ? new Header(FORWARDED, "for=\"" + inBrackets(sourceAddress) + "\"")
            : new Header(FORWARDED_FOR, sourceAddress));
  }

  private static String inBrackets(String address) {
    return address.indexOf(':') < 0 ? address : "[" + address + "]";
  }

  /** Returns whether its head would be over the limit of {@code forward-auth}. */
  boolean isHeadTooLong() {
    return RequestHead.isTooLong(
        path(), RequestHead.lineBytes(METHOD.length(), path(), query()), headerBytes);
  }

  /**
   * Returns the names of the client's headers that could be mistaken for those of an answer, as
   * sent.
   */
  List<String> forgedNames() {
    return headers.stream()
        .map(Header::name)
        .filter(name -> name.toLowerCase(Locale.ROOT).replace('_', '-').startsWith("x-key-"))
        .toList();
  }

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public String path() {
    return VerificationHandler.FORWARD_AUTH;
  }

  @Override
  public @Nullable String query() {
    return extensions.length() == 0 ? null : extensions.toString();
  }

  @Override
  public List<String> headers(String name) {
    if (name.equalsIgnoreCase(GATEWAY_TOKEN)) {
      return gatewayTokens;
    }
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .toList();
  }

  @Override
  public byte[] body(int bytesMax) {
    return NO_BODY;
  }

  @Override
  public String peerAddress() {
    return peerAddress;
  }

  @Override
  public String requestId() {
    if (requestId == null) {
      requestId = RequestId.make();
    }
    return requestId;
  }
}
