package dev.keyledger.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request: its parameters, the side of the service that it goes to, and its options. Not
 * thread-safe.
 */
final class Call {
  private final Transport transport;
  private final Transport.Side side;
  private final CallOptions options;
  private final String method;
  private final StringBuilder target;
  private final Map<String, @Nullable Object> body = new LinkedHashMap<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private @Nullable String idempotencyKey;
  private boolean waits;
  private String accept = "application/json";

  /** A factory of calls with the same options. */
  record Maker(Transport transport, CallOptions options) {
    Call get(String... path) {
      return new Call(transport, Transport.Side.QUERIES, options, "GET", path);
    }

    Call get(Transport.Side side, String... path) {
      return new Call(transport, side, options, "GET", path);
    }

    /** Makes a call that changes nothing, although it has a body. */
    Call ask(Transport.Side side, String... path) {
      return new Call(transport, side, options, "POST", path);
    }

    /** Makes a call that sends a command. */
    Call command(String method, String... path) {
      return new Call(transport, Transport.Side.COMMANDS, options, method, path).asCommand();
    }
  }

  private Call(
      Transport transport, Transport.Side side, CallOptions options, String method, String[] path) {
    this.transport = transport;
    this.side = side;
    this.options = options;
    this.method = method;
    this.target = new StringBuilder("/v1");
    for (String segment : path) {
      target.append('/').append(encoded(segment));
    }
  }

  private Call asCommand() {
    idempotencyKey =
        options.idempotencyKey() == null ? UUID.randomUUID().toString() : options.idempotencyKey();
    headers.put("Idempotency-Key", idempotencyKey);
    if (options.ifVersion() != null) {
      headers.put("If-Match", "\"" + options.ifVersion() + "\"");
    }
    return with("reason", options.reason());
  }

  /** Sets a field of the body, unless it is null. */
  Call with(String name, @Nullable Object value) {
    if (value != null) {
      body.put(name, json(value));
    }
    return this;
  }

  /** Sets fields of the body. */
  Call with(Map<String, ?> fields) {
    fields.forEach(this::with);
    return this;
  }

  /** Creates a call that changes nothing, although it has a body. */
  Call clear(String name) {
    body.put(name, null);
    return this;
  }

  /** Adds a parameter of the query, unless it is null; a list repeats it. */
  Call query(String name, @Nullable Object value) {
    if (value instanceof List<?> values) {
      values.forEach(each -> query(name, each));
    } else if (value != null) {
      target
          .append(target.indexOf("?") < 0 ? '?' : '&')
          .append(name)
          .append('=')
          .append(encoded(String.valueOf(json(value))));
    }
    return this;
  }

  /** Adds the parameters of a list, at another cursor unless it is null. */
  Call query(Map<String, Object> parameters, @Nullable String cursor) {
    parameters.forEach((name, value) -> query(name, cursor(name, value, cursor)));
    return parameters.containsKey("cursor") ? this : query("cursor", cursor);
  }

  private static Object cursor(String name, Object value, @Nullable String cursor) {
    return name.equals("cursor") && cursor != null ? cursor : value;
  }

  /** Makes the command wait until every node has applied it, if the options ask for that. */
  Call waiting() {
    Duration wait = options.waitUntilApplied();
    if (wait != null) {
      waits = true;
      headers.put("Keyledger-Wait", wait.toString());
      query("wait", "applied");
    }
    return this;
  }

  /** Sets a header, unless its value is null. */
  Call header(String name, @Nullable String value) {
    if (value != null) {
      headers.put(name, value);
    }
    return this;
  }

  Call accepting(String mediaType) {
    accept = mediaType;
    return this;
  }

  Transport.Answer send() {
    return transport.send(this);
  }

  /** Sends the call, and reads the answer. */
  <T> T send(Function<Fields, T> reader) {
    return reader.apply(send().fields());
  }

  /** Sends the call, and returns the lines of the answer as they come. */
  Stream<String> lines() {
    return transport.lines(this);
  }

  Transport.Side side() {
    return side;
  }

  CallOptions options() {
    return options;
  }

  String method() {
    return method;
  }

  /** Returns the path and the query, encoded. */
  String target() {
    return target.toString();
  }

  /** Returns the body; null for a request that has none. */
  @Nullable String body() {
    boolean none = method.equals("GET") || (method.equals("DELETE") && body.isEmpty());
    return none ? null : Json.write(body);
  }

  Map<String, String> headers() {
    return headers;
  }

  String accept() {
    return accept;
  }

  boolean isCommand() {
    return idempotencyKey != null;
  }

  boolean waits() {
    return waits;
  }

  /** Returns the Idempotency-Key of a command. */
  String idempotencyKey() {
    return idempotencyKey == null ? "" : idempotencyKey;
  }

  /** Names the call without its body, which may hold secrets. */
  @Override
  public String toString() {
    return method + " " + target;
  }

  /** A value that is an object in a body. */
  interface Body {
    Map<String, ?> fields();
  }

  /** Returns a value as JSON has it. */
  static Object json(Object value) {
    if (value instanceof List<?> values) {
      return values.stream().map(Call::json).toList();
    }
    if (value instanceof Body object) {
      var fields = new LinkedHashMap<String, Object>();
      object.fields().forEach((name, field) -> fields.put(name, json(field)));
      return fields;
    }
    if (value instanceof Enum<?> constant) {
      return Fields.textOf(constant);
    }
    return value instanceof Duration || value instanceof Instant ? value.toString() : value;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
