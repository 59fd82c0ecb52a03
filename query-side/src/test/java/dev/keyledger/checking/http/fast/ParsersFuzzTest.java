package dev.keyledger.checking.http.fast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.keyledger.checking.http.Node;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.arrival.ArrivalLimits;
import dev.keyledger.http.arrival.UnfinishedBodies;
import dev.keyledger.http.request.BearerCredential;
import dev.keyledger.http.request.QueryString;
import dev.keyledger.log.InvalidPositionTokenException;
import dev.keyledger.verification.secret.KeyFormat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The parsers under mutated client input: each gives a permitted result at once, and keeps nothing.
 * {@code -Dkeyledger.fuzz.inputs=} sets the number of inputs, {@code -Dkeyledger.fuzz.seed=}
 * repeats a run.
 */
class ParsersFuzzTest {
  private static final int INPUTS = Integer.getInteger("keyledger.fuzz.inputs", 12_000);
  private static final long INPUT_NANOS_MAX = 10_000_000_000L;
  private static final long GROWTH_BYTES_MAX = 64L << 20;
  private static final int INPUT_BYTES_MAX = 100_000;
  private static final KeyFormat FORMAT = new KeyFormat(KeyFormat.DEFAULT_BRAND);
  private static final String SECRET = "kl_live_0000000000000000000000000000000000000000000000000";
  private static final String CHECK =
      """
      {"key":"%s","permissions":{"anyOf":["read:users"],"allOf":["a:b"]},"ip":"203.0.113.7",\
      "environment":"any","explain":true,"maxAge":"PT5S"}\
      """
          .formatted(SECRET);
  private static final String HEAD = " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ";
  private static final List<String> SCRAPS =
      List.of(
          "\r\n",
          "\r",
          "\n",
          "\0",
          " ",
          "\t",
          ":",
          ";",
          ",",
          "=",
          "&",
          "%",
          "%00",
          "%ff",
          "+",
          "*",
          "\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "{",
          "}",
          "[",
          "]",
          "null",
          "true",
          "1e999",
          "-0",
          "\u00ff",
          "\u00c3\u00a9",
          "\u00ed\u00a0\u0080",
          "\u00ef\u00bb\u00bf",
          "0",
          "9",
          "P",
          "T",
          "W",
          ".",
          "::",
          "/",
          "HTTP/1.1",
          "Content-Length: 5\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Expect: 100-continue\r\n",
          "Connection: close\r\n",
          "Host: b\r\n",
          "permission=",
          "Basic ");

  /**
   * The permitted answers. A check may ask for fresher data than this node has: no other 503 is
   * one.
   */
  private static final Pattern ANSWER =
      Pattern.compile("(?s)HTTP/1\\.1 ([1234]..|503(?=.*\"code\":\"stale\")) .*\r\n\r\n.*");

  /** The parsers of foreign text. */
  private enum Parser {
    HEADS,
    BODIES,
    QUERIES,
    KEYS,
    DURATIONS,
    TIMES,
    CREDENTIALS,
    TOKENS,
    PERMISSIONS,
    ADDRESSES
  }

  /** Valid input of each parser. */
  private static final Map<Parser, List<String>> SAMPLES =
      Map.of(
          Parser.HEADS,
          List.of(
              "GET /v1/forward-auth?permission=read:users&match=any" + HEAD + SECRET + "\r\n\r\n",
              "HEAD /v1/forward-auth HTTP/1.0\r\nX-API-Key: " + SECRET + "\r\n\r\n",
              "POST /v1/verify"
                  + HEAD
                  + Node.ROOT_KEY
                  + "\r\nContent-Type: application/json\r\nContent-Length: "
                  + CHECK.length()
                  + "\r\n\r\n"
                  + CHECK
                  + "GET /v1/forward-auth"
                  + HEAD
                  + SECRET
                  + "\r\n\r\n",
              "POST /v1/verify/batch"
                  + HEAD
                  + Node.ROOT_KEY
                  + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n"
                  + "{\"checks\":[]}\r\n0\r\n\r\n"),
          Parser.BODIES,
          List.of(
              "{\"key\":\"" + SECRET + "\"}",
              "{\"key\":\"" + SECRET + "\",\"time\":\"2027-01-31T12:00:00Z\",\"position\":17}",
              CHECK,
              "{\"checks\":[" + CHECK + "," + CHECK + "]}"),
          Parser.QUERIES,
          List.of("permission=read:users&permission=a%3Ab&match=any&environment=live&workspace=ab"),
          Parser.KEYS,
          List.of(SECRET, "", "x".repeat(KeyFormat.LENGTH_MAX)),
          Parser.DURATIONS,
          List.of("P30D", "P1W2DT3H4M5.678S", "PT0S", "P999999999999999999W"),
          Parser.TIMES,
          List.of("2027-01-31T12:00:00Z", "2024-02-29T23:59:59.999999999Z"),
          Parser.CREDENTIALS,
          List.of("Bearer " + SECRET, "Basic cm9vdDpzZWNyZXQ=", "bEARER   x"),
          Parser.TOKENS,
          List.of("A".repeat(32)),
          Parser.PERMISSIONS,
          List.of("read:users", "*:a.b_c-d:*", "keyledger:grant:read:*"),
          Parser.ADDRESSES,
          List.of("203.0.113.7", "2001:db8::/32", "::ffff:192.0.2.1/120", "0.0.0.0/0"));

  private final Node node = new Node();
  private final FastContext context =
      FastContext.of(
          node.handler,
          new SimpleMeterRegistry(),
          () -> Node.START,
          new UnfinishedBodies(ArrivalLimits.DEFAULT));
  private final String token = Node.tokens("store").issue(7);

  @Test
  void aParserSaysWhatItMaySayAtOnceAndKeepsNothing() {
    long seed = Long.getLong("keyledger.fuzz.seed", new Random().nextLong());
    var random = new Random(seed);
    read(random, seed, 0, INPUTS / 10);
    long before = usedBytes();
    read(random, seed, INPUTS / 10, INPUTS);

    assertThat(usedBytes() - before).as("seed %d", seed).isLessThan(GROWTH_BYTES_MAX);
  }

  /**
   * Does the same with input guided by code coverage, if the environment has {@code JAZZER_FUZZ=1};
   * otherwise reads only the samples.
   */
  @MethodSource("samples")
  @FuzzTest(maxDuration = "90m", maxExecutions = 10_000_000)
  void nothingThatReachesOtherCodeIsReadOtherwise(byte[] input) {
    if (input.length > 2) {
      Parser parser = Parser.values()[Byte.toUnsignedInt(input[0]) % Parser.values().length];
      read(parser, Arrays.copyOfRange(input, 2, input.length), new Random(input[1]));
    }
  }

  static Stream<byte[]> samples() {
    return SAMPLES.entrySet().stream()
        .flatMap(entry ->
            entry.getValue().stream()
                .map(sample -> {
                  byte[] bytes = sample.getBytes(ISO_8859_1);
                  return joined(
                      bytes,
                      0,
                      new byte[] {(byte) List.of(Parser.values()).indexOf(entry.getKey()), 0},
                      0);
                }));
  }

  private void read(Random random, long seed, int from, int to) {
    Parser[] parsers = Parser.values();
    for (int number = from; number < to; number++) {
      Parser parser = parsers[random.nextInt(parsers.length)];
      byte[] input = mutated(parser, random);
      long start = System.nanoTime();
      try {
        read(parser, input, random);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "seed %d, input %d of %s: %s"
                .formatted(seed, number, parser, HexFormat.of().formatHex(input)),
            e);
      }
      assertThat(System.nanoTime() - start)
          .as("seed %d, input %d of %s", seed, number, parser)
          .isLessThan(INPUT_NANOS_MAX);
    }
  }

  /** Reads the input; rethrows every exception that the parser must not throw. */
  private void read(Parser parser, byte[] input, Random random) {
    String text = new String(input, random.nextBoolean() ? UTF_8 : ISO_8859_1);
    switch (parser) {
      case HEADS -> readHeads(input, random);
      case BODIES -> {
        declared(ProblemException.class, () -> Node.readCheck(input));
        declared(ProblemException.class, () -> Node.readBatch(input));
        declared(ProblemException.class, () -> Node.readPastCheck(input));
      }
      case QUERIES -> {
        declared(ProblemException.class, () -> QueryString.parse(text));
        declared(ProblemException.class, () -> Node.readForwardAuthQuery(text));
      }
      case KEYS -> FORMAT.formOf(text);
      case DURATIONS -> declared(IllegalArgumentException.class, () -> IsoDuration.parse(text));
      case TIMES -> declared(IllegalArgumentException.class, () -> Rfc3339.parse(text));
      case CREDENTIALS -> {
        String credential = BearerCredential.parse(text);
        assertThat(credential == null || BearerCredential.isWellFormed(credential)).isTrue();
        declared(ProblemException.class, () -> node.introspectAs(text));
      }
      case TOKENS ->
          declared(
              InvalidPositionTokenException.class,
              () -> node.tokens.read(random.nextBoolean() ? text : token + text));
      case PERMISSIONS -> declared(IllegalArgumentException.class, () -> new Permission(text));
      case ADDRESSES ->
          declared(IllegalArgumentException.class, () -> IpAllowList.parse(List.of(text)));
    }
  }

  private static void declared(Class<? extends RuntimeException> type, Runnable parser) {
    try {
      parser.run();
    } catch (RuntimeException e) {
      if (!type.isInstance(e)) {
        throw e;
      }
    }
  }

  /** Reads the input as it arrives on a connection, in pieces. */
  private void readHeads(byte[] input, Random random) {
    var decoder = new RequestDecoder(FastLimits.DEFAULT);
    var channel = new EmbeddedChannel();
    channel
        .pipeline()
        .addLast(
            decoder,
            new FastConnection(context, decoder, channel, InetAddress.getLoopbackAddress()));
    for (int from = 0; from < input.length && channel.isOpen(); ) {
      int end = Math.min(input.length, from + 1 + random.nextInt(random.nextBoolean() ? 9 : 9000));
      channel.writeInbound(Unpooled.copiedBuffer(input, from, end - from));
      from = end;
    }
    boolean _ = channel.finish(); // throws what was thrown on the way
    for (ByteBuf answer; (answer = channel.readOutbound()) != null; answer.release()) {
      assertThat(answer.toString(ISO_8859_1)).matches(ANSWER);
    }
  }

  private static byte[] mutated(Parser parser, Random random) {
    byte[] input = sample(parser, random);
    for (int i = random.nextInt(6); i > 0 && input.length < INPUT_BYTES_MAX; i--) {
      int at = random.nextInt(input.length + 1);
      int end = Math.min(input.length, at + random.nextInt(16));
      input =
          switch (random.nextInt(6)) {
            case 0 -> joined(input, at, scrap(random), at);
            case 1 -> joined(input, at, new byte[0], end);
            case 2 -> joined(input, at, new byte[] {(byte) random.nextInt()}, end);
            case 3 -> joined(input, at, Arrays.copyOfRange(input, at / 2, at), at);
            case 4 -> joined(input, at, sample(parser, random), at);
            default -> joined(input, at, repeated(scrap(random), random), at);
          };
    }
    return input;
  }

  private static byte[] sample(Parser parser, Random random) {
    List<String> samples = SAMPLES.getOrDefault(parser, List.of());
    return samples.get(random.nextInt(samples.size())).getBytes(ISO_8859_1);
  }

  private static byte[] scrap(Random random) {
    return SCRAPS.get(random.nextInt(SCRAPS.size())).getBytes(ISO_8859_1);
  }

  private static byte[] repeated(byte[] scrap, Random random) {
    return new String(scrap, ISO_8859_1)
        .repeat(1 << random.nextInt(random.nextInt(20) == 0 ? 13 : 6))
        .getBytes(ISO_8859_1);
  }

  /** Returns the input up to one place, the new bytes, and the input from another place on. */
  private static byte[] joined(byte[] input, int to, byte[] between, int from) {
    byte[] joined = Arrays.copyOf(input, to + between.length + input.length - from);
    System.arraycopy(between, 0, joined, to, between.length);
    System.arraycopy(input, from, joined, to + between.length, input.length - from);
    return joined;
  }

  private static long usedBytes() {
    var spent = new ArrayList<Long>();
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      spent.add(runtime.totalMemory() - runtime.freeMemory());
    }
    return spent.stream().mapToLong(Long::longValue).min().orElseThrow();
  }
}
