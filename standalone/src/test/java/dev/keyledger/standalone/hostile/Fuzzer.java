package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.standalone.contract.Contract;
import dev.keyledger.standalone.contract.Operation;
import dev.keyledger.standalone.process.Port;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Generates nearly valid requests: from the examples of the OpenAPI document, damaged in the path,
 * the query, the headers, the body or anywhere. The same random numbers give the same request.
 */
final class Fuzzer {
  /** The subjects and the credentials of the requests. */
  record Known(
      List<String> keyIds, List<String> secrets, List<String> credentials, List<String> tokens) {
    Known {
      keyIds = List.copyOf(keyIds);
      secrets = List.copyOf(secrets);
      credentials = List.copyOf(credentials);
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * A request.
   *
   * @param isHttp whether method, target and headers are well-formed, so that the contract covers
   *     the answer
   * @param latin1 its bytes, one in each character
   */
  record Request(Port port, String method, String target, boolean isHttp, String latin1) {
    byte[] bytes() {
      return latin1.getBytes(ISO_8859_1);
    }

    @Override
    public String toString() {
      return latin1.length() > 2000 ? latin1.substring(0, 2000) + "..." : latin1;
    }
  }

  private static final List<Operation> OPERATIONS = Contract.KEYLEDGER.all();
  private static final Set<String> ON_BOTH_PORTS =
      Set.of("/v1/verify", "/v1/verify/batch", "/v1/forward-auth");

  /**
   * The operations that answer on a tick, which are requested less often because they take long.
   */
  private static final Set<String> ON_A_TICK =
      Set.of("/v1/leaks", "/v1/leaks/github", "/oauth2/revoke");

  private static final List<String> ELSEWHERE =
      List.of(
          "/",
          "/v1",
          "/v1/",
          "/v1/nothing",
          "/v1/keys/",
          "/problems/not-found",
          "/problems/x",
          "/swagger-ui/index.html",
          "/swagger-ui/x.js",
          "/v3/api-docs",
          "/actuator",
          "/actuator/health",
          "/actuator/prometheus",
          "/actuator/env",
          "/oauth2/nothing",
          "/error",
          "/favicon.ico");

  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW");

  /** Values that some field accepts, at or just past a limit, and that no other field accepts. */
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "x",
          "P90D",
          "PT0S",
          "-P1D",
          "P366DT1S",
          "P1M",
          "P99999999999999999999D",
          "PT0.0000000001S",
          "never",
          "2027-01-01T00:00:00Z",
          "2027-01-01T00:00:60Z",
          "0000-01-01T00:00:00Z",
          "+999999999-12-31T23:59:59Z",
          "2027-02-30T00:00:00+25:00",
          "read:users",
          "*:*",
          "keyledger:*",
          "keyledger:grant:*",
          "a:b:c:d:e:f:g:h:i",
          "10.0.0.0/8",
          "0.0.0.0/0",
          "::/0",
          "::ffff:1.2.3.4/129",
          "fe80::1%eth0",
          "live",
          "any",
          "default",
          "user:42",
          "root",
          "KeyIssued",
          "key_01k0000000000000000000000x",
          "key_7zzzzzzzzzzzzzzzzzzzzzzzzz",
          "key_8zzzzzzzzzzzzzzzzzzzzzzzzz",
          "kl_live_XxDgwt0oJ6AWVGi1kI0LcNmQjrQW53GPcd7aGUe9k7913LZ20",
          "kl_live_\uff21\uff22",
          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          "\0",
          "\r\nX-Injected: 1",
          "\u001b[31m",
          "\u202e\u200b\ufeff",
          "\ud83d\ude00",
          "\ud800",
          "../../etc/passwd",
          "%00%2e%2e%2f",
          "a;b=c",
          "'; DROP TABLE log.event; --",
          "${jndi:ldap://127.0.0.1/a}",
          "1",
          "0",
          "-1",
          "200",
          "201",
          "9223372036854775807",
          "9223372036854775808",
          "1e400",
          "null");

  private final Random random;
  private final Known known;

  Fuzzer(Random random, Known known) {
    this.random = random;
    this.known = known;
  }

  /** Returns another request. */
  Request next() {
    boolean elsewhere = oneIn(20);
    Operation operation = oneOf(OPERATIONS);
    if (ON_A_TICK.contains(operation.path()) && !oneIn(5)) {
      operation = oneOf(OPERATIONS);
    }
    String method = oneIn(15) ? oneOf(METHODS) : elsewhere ? "GET" : operation.method();
    String target = (elsewhere ? oneOf(ELSEWHERE) : path(operation)) + query(operation);
    Port port =
        (ON_BOTH_PORTS.contains(operation.path()) && random.nextBoolean()) || oneIn(40)
            ? Port.FAST
            : Port.MAIN;
    byte[] body = body(operation);
    var head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: a\r\n");
    head.append("Connection: close\r\n");
    headers(operation, head);
    if (body.length > 0 || oneIn(10)) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    head.append("\r\n");
    byte[] bytes = concatenated(head.toString().getBytes(UTF_8), body);
    boolean spoilt = oneIn(12);
    boolean isHttp = !spoilt && target.chars().allMatch(c -> c > ' ' && c < 127);
    return new Request(
        port, method, target, isHttp, new String(spoilt ? spoilt(bytes) : bytes, ISO_8859_1));
  }

  private String path(Operation operation) {
    String path = operation.path();
    for (JsonNode parameter : operation.parameters()) {
      if (parameter.path("in").asString().equals("path")) {
        String name = parameter.path("name").asString();
        path = path.replace("{" + name + "}", oneIn(5) ? strangeSegment() : good(name));
      }
    }
    return oneIn(25)
        ? path + oneOf(List.of("/", "//", ";a=b", "/..", "/%2e%2e", "%00", "/x"))
        : path;
  }

  private String good(String name) {
    return switch (name) {
      case "keyId" -> oneOf(known.keyIds());
      case "type" -> oneOf(List.of("app", "service", "user"));
      case "id" -> oneOf(List.of("42", "nobody"));
      case "workspace" -> oneOf(List.of("default", "fuzzed", "other"));
      case "token" -> oneOf(known.tokens());
      case "index" -> "000.p/" + random.nextInt(60);
      default -> Integer.toString(random.nextInt(60));
    };
  }

  private String strangeSegment() {
    return percentEncoded(oneIn(3) ? oneOf(known.secrets()) : oneOf(TEXTS), random.nextBoolean());
  }

  private String query(Operation operation) {
    var query = new ArrayList<String>();
    for (JsonNode parameter : operation.parameters()) {
      if (parameter.path("in").asString().equals("query") && oneIn(3)) {
        query.add(parameter.path("name").asString() + "=" + parameterValue(parameter));
      }
    }
    if (oneIn(20)) {
      query.add(percentEncoded(oneOf(TEXTS), true) + "=" + percentEncoded(oneOf(TEXTS), true));
    }
    if (oneIn(20) && !query.isEmpty()) {
      query.add(oneOf(query));
    }
    return query.isEmpty() ? oneIn(50) ? "?" : "" : "?" + String.join(oneIn(30) ? ";" : "&", query);
  }

  /** Returns a documented value, or another one. */
  private String parameterValue(JsonNode parameter) {
    JsonNode schema = parameter.path("schema");
    String name = parameter.path("name").asString();
    if (oneIn(3)) {
      return percentEncoded(oneOf(TEXTS), !oneIn(10));
    }
    if (schema.has("enum")) {
      return oneOf(schema.path("enum").valueStream().map(JsonNode::asString).toList());
    }
    if (schema.has("default")) {
      return percentEncoded(schema.path("default").asString(""), true);
    }
    return switch (name) {
      case "keyId" -> oneOf(known.keyIds());
      case "owner" -> "app:billing";
      case "permission" -> "read:users";
      case "atLeast" -> oneOf(known.tokens());
      case "position", "after", "size" -> Integer.toString(random.nextInt(60));
      default -> percentEncoded(oneOf(TEXTS), true);
    };
  }

  private void headers(Operation operation, StringBuilder head) {
    if (!oneIn(12)) {
      String credential = oneOf(known.credentials());
      head.append("Authorization: ")
          .append(oneIn(25) ? oneOf(List.of("Basic ", "bearer ", "Bearer  ", "")) : "Bearer ")
          .append(oneIn(25) ? credential + oneOf(List.of("x", ",a", " ", "\u00e9")) : credential)
          .append("\r\n");
    }
    if (oneIn(30)) {
      head.append("X-API-Key: ").append(oneOf(known.secrets())).append("\r\n");
    }
    for (JsonNode parameter : operation.parameters()) {
      if (parameter.path("in").asString().equals("header") && oneIn(6)) {
        String name = parameter.path("name").asString();
        head.append(name).append(": ").append(headerValue(name)).append("\r\n");
      }
    }
    if (oneIn(10)) {
      head.append("User-Agent: ").append(visible(oneOf(TEXTS))).append("\r\n");
    }
    if (oneIn(20)) {
      head.append("Accept: ")
          .append(oneOf(List.of("text/html", "*/*", "x", "application/*")))
          .append("\r\n");
    }
    if (oneIn(60)) {
      head.append("X-Long: ").append("a".repeat(random.nextInt(20_000))).append("\r\n");
    }
    String mediaType =
        operation.sample().map(Operation.Sample::mediaType).orElse("application/json");
    if (!oneIn(25)) {
      head.append("Content-Type: ")
          .append(
              oneIn(25)
                  ? oneOf(
                      List.of(
                          "text/plain",
                          Operation.FORM,
                          "x",
                          "application/json;a=b",
                          "multipart/form-data; boundary=a"))
                  : mediaType)
          .append("\r\n");
    }
  }

  private String headerValue(String name) {
    if (oneIn(4)) {
      return visible(oneOf(TEXTS));
    }
    return switch (name) {
      case "Keyledger-At-Least", "Last-Event-ID" -> oneOf(known.tokens());
      case "Keyledger-Wait" -> oneOf(List.of("PT0S", "PT0.1S", "PT10S", "PT11S"));
      case "Keyledger-Workspace" -> oneOf(List.of("default", "fuzzed", "other"));
      case "Idempotency-Key" -> "fuzzed-idempotency-" + random.nextInt(50);
      case "If-Match" ->
          oneOf(
              List.of("\"1\"", "\"2\"", "*", "W/\"1\"", "\"1\", \"2\"", "\"9999999999999999999\""));
      default -> visible(oneOf(TEXTS));
    };
  }

  private byte[] body(Operation operation) {
    List<Operation.Sample> samples = operation.samples();
    if (samples.isEmpty()) {
      return oneIn(20) ? oneOf(TEXTS).getBytes(UTF_8) : new byte[0];
    }
    Operation.Sample sample = oneOf(samples);
    String text;
    if (sample.mediaType().equals(Operation.FORM)) {
      text = sample.text();
      if (oneIn(3)) {
        text = "token=" + percentEncoded(oneIn(3) ? oneOf(TEXTS) : oneOf(known.secrets()), true);
      }
      if (oneIn(6)) {
        text +=
            "&"
                + percentEncoded(oneOf(TEXTS), !oneIn(5))
                + "="
                + percentEncoded(oneOf(TEXTS), !oneIn(5));
      }
    } else {
      JsonNode value = sample.value().deepCopy();
      for (int i = random.nextInt(4); i > 0; i--) {
        value = mutated(value);
      }
      text = value.toString();
    }
    return oneIn(6) ? spoiltText(text).getBytes(UTF_8) : text.getBytes(UTF_8);
  }

  /** Returns the same tree with one place in it changed. */
  private JsonNode mutated(JsonNode node) {
    if (node instanceof ObjectNode object && !object.isEmpty() && !oneIn(6)) {
      String name = oneOf(List.copyOf(object.propertyNames()));
      switch (random.nextInt(8)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(oneOf(TEXTS), scalar());
        case 2 -> object.set(oneOf(List.of("workspace", "status", "keyId", "secret")), scalar());
        default -> object.set(name, mutated(object.get(name)));
      }
      return object;
    }
    if (node instanceof ArrayNode array && !array.isEmpty() && !oneIn(4)) {
      int index = random.nextInt(array.size());
      if (oneIn(5)) {
        for (int i = oneOf(List.of(1, 100, 1000)); i > 0; i--) {
          array.add(array.get(index));
        }
      } else {
        array.set(index, mutated(array.get(index)));
      }
      return array;
    }
    return oneIn(8) ? structure() : scalar();
  }

  private JsonNode scalar() {
    JsonMapper json = JsonMapper.shared();
    return switch (random.nextInt(9)) {
      case 0 -> json.getNodeFactory().nullNode();
      case 1 -> json.getNodeFactory().booleanNode(random.nextBoolean());
      case 2 -> json.getNodeFactory().numberNode(random.nextLong());
      case 3 -> json.getNodeFactory().numberNode(oneOf(List.of(-1, 0, 1, 100, 101)));
      case 4 -> json.getNodeFactory().numberNode(random.nextGaussian() * 1e300);
      case 5 -> json.getNodeFactory().stringNode("x".repeat(random.nextInt(3000)));
      case 6 -> json.getNodeFactory().stringNode(oneOf(known.secrets()));
      default -> json.getNodeFactory().stringNode(oneOf(TEXTS));
    };
  }

  /** Returns a deep or wide structure. */
  private JsonNode structure() {
    JsonMapper json = JsonMapper.shared();
    ObjectNode object = json.createObjectNode();
    if (random.nextBoolean()) {
      for (int i = oneOf(List.of(0, 50, 51, 2000)); i > 0; i--) {
        object.put("k" + i, "v");
      }
      return object;
    }
    JsonNode deep = scalar();
    for (int i = oneOf(List.of(1, 14, 15, 16, 17, 400)); i > 0; i--) {
      deep =
          random.nextBoolean()
              ? json.createArrayNode().add(deep)
              : object.objectNode().set("a", deep);
    }
    return deep;
  }

  private String spoiltText(String text) {
    int at = random.nextInt(text.length() + 1);
    return switch (random.nextInt(8)) {
      case 0 -> text.substring(0, at);
      case 1 -> text.substring(0, at) + oneOf(TEXTS) + text.substring(at);
      case 2 -> text.replaceFirst("\\{", "{\"name\":\"x\",\"name\":\"y\",");
      case 3 -> text.replaceFirst(":[^,}]*", ":" + "9".repeat(oneOf(List.of(20, 1001, 30_000))));
      case 4 -> text.replaceFirst(":[^,}]*", ":1e" + random.nextInt());
      case 5 -> text + " ".repeat(random.nextInt(70_000));
      case 6 -> "\ufeff" + text;
      default -> text + text;
    };
  }

  private byte[] spoilt(byte[] bytes) {
    byte[] spoilt = bytes.clone();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
    }
    return spoilt;
  }

  private static byte[] concatenated(byte[] head, byte[] body) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head);
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }

  /** Returns a text without line ends; a split request would be another request. */
  private static String visible(String text) {
    return text.replaceAll("[\\r\\n\\x00]", "_");
  }

  /**
   * @param all otherwise only the characters that a target cannot contain
   */
  private static String percentEncoded(String text, boolean all) {
    var encoded = new StringBuilder();
    for (byte b : text.getBytes(UTF_8)) {
      boolean plain =
          all ? Character.isLetterOrDigit(b & 0x7f) && b > 0 : b > ' ' && b != '?' && b != '#';
      encoded.append(plain ? Character.toString(b) : "%%%02X".formatted(b & 0xff));
    }
    return encoded.toString();
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T oneOf(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
