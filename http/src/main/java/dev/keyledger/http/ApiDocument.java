package dev.keyledger.http;

import dev.keyledger.events.EventType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP contract as an OpenAPI document. It is written by hand, as YAML, except for the list of
 * event types, which the code supplies, and the required permission at the end of each description.
 * Each module owns the part that it serves; the build combines the parts, and every node serves all
 * of them. Immutable.
 */
public final class ApiDocument {
  private static final List<String> PARTS =
      List.of("openapi/http.yaml", "openapi/command-side.yaml", "openapi/query-side.yaml");

  /** The maximum number of YAML aliases, which headers and parameters of many operations are. */
  private static final int ALIASES_MAX = 500;

  private final ObjectNode root;

  private ApiDocument(ObjectNode root) {
    this.root = root;
  }

  /**
   * Returns the whole document.
   *
   * @throws IllegalStateException if two parts contradict each other
   */
  public static ApiDocument load() {
    ObjectNode merged = StrictJson.MAPPER.createObjectNode();
    PARTS.forEach(part -> merge(merged, read(part), part));
    ArrayNode types = merged.withObject("/components/schemas/EventType").putArray("enum");
    EventType.all().forEach(type -> types.add(type.wireName()));
    merged.path("paths").forEach(item -> item.forEach(ApiDocument::describePermission));
    return new ApiDocument(merged);
  }

  /**
   * Repeats the permission in the description, where readers and the comments of generated clients
   * show it.
   */
  private static void describePermission(JsonNode operation) {
    if (operation instanceof ObjectNode described && described.has("x-keyledger-permission")) {
      String needs =
          "Needs the permission `keyledger:%s`."
              .formatted(
                  described
                      .path("x-keyledger-permission")
                      .stringValue()
                      .replace(" or ", "` or `keyledger:"));
      String description = described.path("description").asString("").strip();
      described.put("description", description.isEmpty() ? needs : description + "\n\n" + needs);
    }
  }

  private static JsonNode read(String part) {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(ALIASES_MAX);
    try (InputStream source = ApiDocument.class.getResourceAsStream(part)) {
      if (source == null) {
        throw new IllegalStateException(part + " is not on the class path");
      }
      return StrictJson.MAPPER.valueToTree(new Yaml(new SafeConstructor(options)).load(source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void merge(ObjectNode merged, JsonNode part, String place) {
    part.forEachEntry((name, value) -> {
      String here = place + "/" + name;
      JsonNode present = merged.get(name);
      if (present == null) {
        merged.set(name, value);
      } else if (present instanceof ObjectNode object && value.isObject()) {
        merge(object, value, here);
      } else if (!present.equals(value)) {
        throw new IllegalStateException(here + " contradicts another part of the document");
      }
    });
  }

  /** Returns the document as JSON in UTF-8. */
  public byte[] toJson() {
    return StrictJson.MAPPER.writeValueAsBytes(root);
  }

  /** Returns the document as YAML in UTF-8. */
  public byte[] toYaml() {
    var options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setDereferenceAliases(true);
    Object content = StrictJson.MAPPER.convertValue(root, Map.class);
    return new Yaml(options).dump(content).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The documentation of a problem.
   *
   * @param meaning its meaning and when it occurs
   * @param remedy the remedy
   * @param example the body of an answer
   */
  record Explanation(String meaning, String remedy, JsonNode example) {}

  /** Returns the documentation of each problem, in the order of the codes. */
  Map<ProblemCode, Explanation> explanations() {
    JsonNode examples = root.path("components").path("examples");
    var explanations = new LinkedHashMap<ProblemCode, Explanation>();
    for (ProblemCode code : ProblemCode.values()) {
      JsonNode example = examples.path(code.code());
      explanations.put(
          code,
          new Explanation(
              example.path("description").stringValue(),
              example.path("x-remedy").stringValue(),
              example.path("value")));
    }
    return explanations;
  }
}
