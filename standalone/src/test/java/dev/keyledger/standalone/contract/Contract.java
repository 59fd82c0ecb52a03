package dev.keyledger.standalone.contract;

import dev.keyledger.http.ApiDocument;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The HTTP contract of the OpenAPI document, and the violations of it in answers. Thread-safe. */
public final class Contract {
  /** The one contract of this build. */
  public static final Contract KEYLEDGER = new Contract();

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  /**
   * The paths about a node, about the contract itself or for people, which are not part of the
   * contract.
   */
  private static final List<String> OUTSIDE =
      List.of(
          "/actuator", "/problems", "/swagger-ui", "/v3/api-docs", "/error", "/console", "/my-key");

  /** The path that redirects browsers to the console. */
  private static final String ROOT = "/";

  /** The path of tiles, whose methods are all documented under GET. */
  private static final String TILES = "/v1/log/tile/";

  private static final int SEGMENTS_OF_TILES = 6;
  private static final String FORWARD_AUTH = "/v1/forward-auth";

  private static final String LINES = "application/x-ndjson";
  private static final String EVENTS = "text/event-stream";
  private static final Pattern MESSAGE = Pattern.compile("event: (\\w+)\\ndata: (.*)\\n\\n");
  private static final String PROBLEM = "application/problem+json";

  private final JsonNode document;
  private final Schemas schemas;
  private final JsonNode problem;

  private Contract() {
    document = JsonMapper.shared().readTree(ApiDocument.load().toJson());
    schemas = new Schemas(document.path("components"));
    problem = document.at("/components/schemas/ConstantProblem");
  }

  /** Returns the document. */
  JsonNode document() {
    return document;
  }

  Schemas schemas() {
    return schemas;
  }

  /** Returns the documented operations, as in {@code POST /v1/keys}. */
  Set<String> operations() {
    var operations = new TreeSet<String>();
    document
        .path("paths")
        .forEachEntry((path, item) ->
            item.propertyNames().stream()
                .filter(METHODS::contains)
                .forEach(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path)));
    return operations;
  }

  /** Returns all operations. */
  public List<Operation> all() {
    return operations().stream().map(this::operation).toList();
  }

  /** Returns the documentation of an operation, as in {@code POST /v1/keys}. */
  public Operation operation(String name) {
    String[] parts = name.split(" ", 2);
    JsonNode item = document.path("paths").path(parts[1]);
    JsonNode operation = item.path(parts[0].toLowerCase(Locale.ROOT));
    List<JsonNode> parameters =
        Stream.concat(
                item.path("parameters").valueStream(), operation.path("parameters").valueStream())
            .map(this::resolved)
            .toList();
    return new Operation(parts[0], parts[1], operation, parameters);
  }

  /** Returns the node that a node refers to, or that node itself. */
  JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asString().substring(1)) : node;
  }

  /**
   * Returns the violations of the contract in an answer; empty if there are none.
   *
   * @param target the path, and the query if there is one, as it was sent
   * @param body the body as text; empty if there was none
   */
  public List<String> violations(
      String method, String target, int status, HttpHeaders headers, String body) {
    String path = target.split("\\?", 2)[0];
    if (path.equals(ROOT) || OUTSIDE.stream().anyMatch(path::startsWith)) {
      return List.of();
    }
    var violations = new ArrayList<String>();
    var answer = new Received(method, status, headers, body, violations);
    Optional<JsonNode> item = itemOf(path);
    JsonNode operation = item.map(found -> operationOf(found, method, path)).orElse(null);
    if (operation == null) {
      answer.judgeAsUnknown(item.isPresent());
    } else {
      answer.judge(operation);
    }
    return violations.stream()
        .map(violation -> "%s %s -> %d: %s".formatted(method, target, status, violation))
        .toList();
  }

  /** An answer that is being judged. */
  private final class Received {
    private final String method;
    private final int status;
    private final HttpHeaders headers;
    private final String body;
    private final List<String> violations;

    Received(String method, int status, HttpHeaders headers, String body, List<String> violations) {
      this.method = method;
      this.status = status;
      this.headers = headers;
      this.body = body;
      this.violations = violations;
    }

    void judge(JsonNode operation) {
      JsonNode response = resolved(operation.path("responses").path(Integer.toString(status)));
      if (!response.isMissingNode()) {
        judgeHeaders(response.path("headers"));
        judgeBody(response.path("content"));
      } else if (status == 404 || status == 405) {
        judgeAsUnknown(status == 405); // the other side alone does not serve it
      } else {
        violations.add("the status is not documented; the body is " + body);
      }
    }

    /**
     * Checks an answer about a path or method that is not served: a problem, or the container's
     * refusal.
     */
    void judgeAsUnknown(boolean pathIsKnown) {
      boolean options = method.equals("OPTIONS") && status == 204;
      if (status >= 500 || (status < 400 && !options)) {
        violations.add("nothing is documented at this path for this method");
      }
      if (pathIsKnown && status == 405 && headers.firstValue("Allow").isEmpty()) {
        violations.add("405 without Allow");
      }
      if (PROBLEM.equals(mediaType()) && !body.isEmpty()) {
        violations.addAll(schemas.violations(problem, json(body)));
      }
    }

    private void judgeHeaders(JsonNode documented) {
      documented.forEachEntry((name, reference) -> {
        JsonNode header = resolved(reference);
        Optional<String> value = headers.firstValue(name);
        if (value.isEmpty() && header.path("required").asBoolean(false)) {
          violations.add("the header " + name + " is missing");
        }
        value.ifPresent(text ->
            schemas
                .violations(header.path("schema"), JsonMapper.shared().valueToTree(text))
                .forEach(violation -> violations.add("header " + name + ": " + violation)));
      });
    }

    private void judgeBody(JsonNode content) {
      if (method.equals("HEAD")) {
        return;
      }
      if (content.isEmpty()) {
        if (!body.isEmpty()) {
          violations.add("a body is not documented: " + body);
        }
        return;
      }
      JsonNode media = content.path(mediaType());
      if (media.isMissingNode()) {
        violations.add("the media type is not documented: " + mediaType());
        return;
      }
      if (mediaType().equals(EVENTS)) {
        MESSAGE
            .matcher(body)
            .results()
            .forEach(message -> judge(message.group(1), message.group(2)));
        return;
      }
      if (!mediaType().endsWith("json")) {
        return; // text and bytes are tested where they are made
      }
      if (mediaType().equals(LINES)) {
        body.lines().forEach(line -> judge(media, json(line)));
        return;
      }
      JsonNode json = json(body);
      judge(media, json);
      if (mediaType().equals(PROBLEM) && !media.path("examples").has(code(json))) {
        violations.add("the code is not documented: " + body);
      }
    }

    /** Judges a message of the feed. */
    private void judge(String event, String data) {
      String schema =
          switch (event) {
            case "heartbeat" -> "FeedHeartbeat";
            case "end" -> "FeedEnd";
            default -> "FeedEvent";
          };
      schemas
          .violations(document.at("/components/schemas/" + schema), json(data))
          .forEach(violation -> violations.add(violation + " in " + data));
    }

    private void judge(JsonNode media, JsonNode json) {
      schemas
          .violations(media.path("schema"), json)
          .forEach(violation -> violations.add(violation + " in " + body));
    }

    private String mediaType() {
      return headers.firstValue("Content-Type").orElse("").split(";", 2)[0].strip();
    }

    private JsonNode json(String text) {
      try {
        return JsonMapper.shared().readTree(text);
      } catch (JacksonException malformed) {
        violations.add("the body is not JSON: " + body);
        return JsonMapper.shared().missingNode();
      }
    }

    private static String code(JsonNode json) {
      return json.path("code").asString("");
    }
  }

  private @Nullable JsonNode operationOf(JsonNode item, String method, String path) {
    JsonNode operation = item.get(method.toLowerCase(Locale.ROOT));
    boolean isAsGet = method.equals("HEAD") || path.startsWith(FORWARD_AUTH);
    return operation == null && isAsGet ? item.get("get") : operation;
  }

  /**
   * Returns the documentation of a path; where two templates fit, the one with fewer variables,
   * then the longer one. The description of forward-auth also covers its path form. The index of a
   * tile contains slashes.
   */
  private Optional<JsonNode> itemOf(String path) {
    if (path.startsWith(FORWARD_AUTH + "/-/")) {
      return itemOf(FORWARD_AUTH);
    }
    String[] segments = path.split("/", path.startsWith(TILES) ? SEGMENTS_OF_TILES : -1);
    return document.path("paths").propertyNames().stream()
        .filter(template -> fits(template.split("/", -1), segments))
        .min(
            Comparator.<String>comparingLong(
                    template -> template.chars().filter(c -> c == '{').count())
                .thenComparingInt(template -> -template.length()))
        .map(template -> document.path("paths").path(template));
  }

  private static boolean fits(String[] template, String[] path) {
    return template.length == path.length
        && Stream.iterate(0, i -> i < path.length, i -> i + 1)
            .allMatch(i -> fits(template[i], path[i]));
  }

  private static boolean fits(String template, String segment) {
    return template.startsWith("{")
        ? !segment.isEmpty() && segment.endsWith(template.substring(template.indexOf('}') + 1))
        : template.equals(segment);
  }
}
