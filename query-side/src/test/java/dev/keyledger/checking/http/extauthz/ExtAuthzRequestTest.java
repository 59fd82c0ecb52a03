package dev.keyledger.checking.http.extauthz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.checking.http.Node;
import dev.keyledger.checking.http.extauthz.ProtobufReader.MalformedException;
import dev.keyledger.http.RequestHead;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtAuthzRequestTest {
  private static final Map<String, String> NONE = Map.of();
  private static final int MUTATIONS = 20_000;

  private final Node node = new Node();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permission  | read:users            | permission=read%3Ausers",
        "permission  | read:users read:carts | permission=read%3Ausers&permission=read%3Acarts",
        "permission  | 'a  b'                | permission=a&permission=&permission=b",
        "permission  | ''                    | permission=",
        "credential  | header:x-acme,bearer  | credential=header%3Ax-acme%2Cbearer",
        "environment | any&workspace=acme    | environment=any%26workspace%3Dacme",
        "wörk        | ö                     | w%C3%B6rk=%C3%B6",
      })
  void theGatewaysConfigurationIsTheQuery(String name, String value, String query)
      throws MalformedException {
    assertThat(read(Messages.check(Map.of(name, value), NONE, null)).query()).isEqualTo(query);
    assertThat(read(Messages.check(NONE, NONE, null)).query()).isNull();
  }

  @Test
  void headersArriveInEitherFormAndTheTokenOfTheGatewayInNone() throws MalformedException {
    var raw = new ProtobufWriter().text(1, "authorization").text(3, "Bearer b");
    var map = new ProtobufWriter().message(1, raw);
    var http = new ProtobufWriter().message(3, Messages.entry("authorization", "Bearer a"));
    http.message(3, Messages.entry("keyledger-gateway-token", "forged")).message(13, map);
    var attributes = new ProtobufWriter().message(4, new ProtobufWriter().message(2, http));
    byte[] message = new ProtobufWriter().message(1, attributes).toByteArray();

    ExtAuthzRequest request =
        ExtAuthzRequest.read(message, Node.TRUSTED_PROXY, List.of("the gateway's"));

    assertThat(request.headers("Authorization")).containsExactly("Bearer a", "Bearer b");
    assertThat(request.headers("Keyledger-Gateway-Token")).containsExactly("the gateway's");
  }

  @ParameterizedTest
  @CsvSource({
    // Whether or not the gateway appends its peer, the source is the last hop.
    "10.0.0.1, '203.0.113.7', 203.0.113.7, 200",
    "10.0.0.1, '', 203.0.113.7, 200",
    "10.0.0.1, '203.0.113.7', , 200",
    "10.0.0.1, '203.0.113.7, 10.0.0.1', 10.0.0.1, 200",
    "10.0.0.1, '198.51.100.9', 203.0.113.7, 200",
    // A client that sends its own address.
    "10.0.0.1, '203.0.113.7', 198.51.100.9, 401",
    "10.0.0.1, '', 198.51.100.9, 401",
    "10.0.0.1, '203.0.113.7', unreadable, 401",
    // A gateway that is not trusted.
    "198.51.100.9, '203.0.113.7', 203.0.113.7, 401",
    "203.0.113.7, '198.51.100.9', 198.51.100.9, 200",
  })
  void theAddressIsTheLastHopThatIsNoTrustedProxy(
      String gateway, String forwardedFor, @Nullable String source, int status)
      throws MalformedException {
    Node.Issued key = node.issue(Node.KeySpec.USUAL.fromAddresses("203.0.113.0/24"));
    Map<String, String> headers =
        forwardedFor.isEmpty()
            ? Map.of("x-api-key", key.secret())
            : Map.of("x-api-key", key.secret(), "x-forwarded-for", forwardedFor);

    assertThat(answered(gateway, headers, source)).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({"2001:db8::7, 200", "2001:db9::7, 401"})
  void forwardedCountsWhereThereIsNoXForwardedFor(String source, int status)
      throws MalformedException {
    Node.Issued key = node.issue(Node.KeySpec.USUAL.fromAddresses("2001:db8::/32"));
    Map<String, String> headers =
        Map.of("x-api-key", key.secret(), "forwarded", "for=\"[2001:db8::1]\"");

    assertThat(answered("10.0.0.1", headers, source)).isEqualTo(status);
    assertThat(answered("10.0.0.1", headers, "10.0.0.1")).isEqualTo(200);
  }

  @Test
  void aHeadMayBeAsLongAsThatOfForwardAuth() throws MalformedException {
    int others = RequestHead.headerBytes(1, 0) + "POST /v1/forward-auth HTTP/1.1\r\n\r\n".length();
    int room = RequestHead.FORWARD_AUTH_BYTES_MAX - others;

    assertThat(withHeader(":path", room * 2).isHeadTooLong()).isFalse();
    assertThat(withHeader("a", room).isHeadTooLong()).isFalse();
    assertThat(withHeader("a", room + 1).isHeadTooLong()).isTrue();
    assertThat(withHeader("a", ExtAuthzLimits.MESSAGE_BYTES_MAX).isHeadTooLong()).isTrue();
    int query = room + RequestHead.headerBytes(1, 0) - "?environment=".length();
    assertThat(configured("e".repeat(query)).isHeadTooLong()).isFalse();
    assertThat(configured("e".repeat(query + 1)).isHeadTooLong()).isTrue();
    assertThat(configured(" ".repeat(ExtAuthzLimits.MESSAGE_BYTES_MAX)).isHeadTooLong()).isTrue();
  }

  @Test
  void aHeaderLikeAnAnswersIsForged() throws MalformedException {
    Map<String, String> headers =
        Map.of("x-key-id", "a", "X_Key-New", "b", "x-keys", "c", "x-api-key", "d", "key-id", "e");

    assertThat(read(Messages.check(NONE, headers, null)).forgedNames())
        .containsExactlyInAnyOrder("x-key-id", "X_Key-New");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00", // not a number
        "0a01", // longer than the message
        "0801", // a number instead of a message
        "0b", // a group
        "8080808080808080808001", // an endless number
        "8a808080800100", // a number beyond 32 bits
        "0affffffffffffffffff01", // a negative length
        "0d01", // four bytes that are not there
      })
  void bytesThatAreNoMessageAreRefused(String bytes) {
    assertThatThrownBy(() -> read(HexFormat.of().parseHex(bytes)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void fieldsThatNobodyAsksForAreSkipped() throws MalformedException {
    byte[] known = Messages.check(Map.of("environment", "any"), NONE, null);
    byte[] others = {0x10, 5, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x22, 1, 9, 0x2d, 1, 2, 3, 4};
    byte[] message = Arrays.copyOf(others, others.length + known.length);
    System.arraycopy(known, 0, message, others.length, known.length);

    assertThat(read(message).query()).isEqualTo("environment=any");
  }

  @Test
  void whateverIsSentIsReadOrMalformed() {
    long seed = Long.getLong("keyledger.fuzz.seed", System.nanoTime());
    var random = new Random(seed);
    List<byte[]> messages =
        List.of(
            Messages.check(
                Map.of("permission", "read:users"),
                Map.of("x-api-key", "k", "x-forwarded-for", "203.0.113.7"),
                "203.0.113.7"),
            Messages.check(
                Map.of("credential", "bearer", "environment", "any"),
                Map.of("authorization", "Bearer k", "forwarded", "for=\"[2001:db8::1]\""),
                "2001:db8::7"),
            Messages.check(NONE, NONE, null));
    int malformed = 0;
    for (int round = 0; round < MUTATIONS; round++) {
      byte[] mutated = messages.get(random.nextInt(messages.size()));
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        mutated = mutated(mutated, random);
      }
      try {
        ExtAuthzRequest request = read(mutated);
        int status = node.handler.answer(request).status();
        assertThat(status).as("seed %d", seed).isIn(400, 401, 403);
      } catch (MalformedException expected) {
        malformed++;
      }
    }
    assertThat(malformed).as("seed %d", seed).isBetween(1, MUTATIONS - 1);
  }

  /** Returns a message of which a byte is another, or a piece is missing, repeated or random. */
  private static byte[] mutated(byte[] message, Random random) {
    int from = random.nextInt(message.length + 1);
    int to = from + random.nextInt(message.length - from + 1);
    byte[] piece = Arrays.copyOfRange(message, from, to);
    return switch (random.nextInt(5)) {
      case 0 -> joined(message, from, piece, from);
      case 1 -> joined(message, from, new byte[0], to);
      case 2 -> Arrays.copyOf(message, from);
      case 3 -> {
        random.nextBytes(piece);
        yield joined(message, from, piece, to);
      }
      default -> {
        byte[] other = {(byte) random.nextInt()};
        yield joined(message, from, other, Math.min(from + 1, message.length));
      }
    };
  }

  /** Returns the beginning of a message, a piece, and the message from another place on. */
  private static byte[] joined(byte[] message, int end, byte[] piece, int next) {
    var joined = new ByteArrayOutputStream();
    joined.write(message, 0, end);
    joined.writeBytes(piece);
    joined.write(message, next, message.length - next);
    return joined.toByteArray();
  }

  private ExtAuthzRequest withHeader(String name, int valueBytes) throws MalformedException {
    return read(Messages.check(NONE, Map.of(name, "v".repeat(valueBytes)), null));
  }

  private ExtAuthzRequest configured(String value) throws MalformedException {
    String name = value.isBlank() ? "permission" : "environment";
    return read(Messages.check(Map.of(name, value), NONE, null));
  }

  private int answered(String gateway, Map<String, String> headers, @Nullable String source)
      throws MalformedException {
    var request = ExtAuthzRequest.read(Messages.check(NONE, headers, source), gateway, List.of());
    return node.handler.answer(request).status();
  }

  private static ExtAuthzRequest read(byte[] message) throws MalformedException {
    return ExtAuthzRequest.read(message, Node.TRUSTED_PROXY, List.of());
  }
}
