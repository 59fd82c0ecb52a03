package dev.keyledger.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/**
 * The HTTP contract as an OpenAPI document. It is written by hand, as YAML for those who write it,
 * and read by the machines of others as JSON. Immutable.
 */
final class ApiDocument {
  private static final String SOURCE = "openapi.yaml";

  /** What is written once and referred to often: headers of answers above all. */
  private static final int ALIASES_MAX = 500;

  private final JsonNode root;

  private ApiDocument(JsonNode root) {
    this.root = root;
  }

  /** The document that this version of Keyledger was built with. */
  static ApiDocument load() {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(ALIASES_MAX);
    try (InputStream source = ApiDocument.class.getResourceAsStream(SOURCE)) {
      if (source == null) {
        throw new IllegalStateException(SOURCE + " is not on the class path");
      }
      Object tree = new Yaml(new SafeConstructor(options)).load(source);
      return new ApiDocument(StrictJson.MAPPER.valueToTree(tree));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The document as JSON, in UTF-8. */
  byte[] toJson() {
    return StrictJson.MAPPER.writeValueAsBytes(root);
  }

  /**
   * What there is to say about a problem.
   *
   * @param meaning what it means and when it happens
   * @param remedy what to do about it
   * @param example the body of such an answer
   */
  record Explanation(String meaning, String remedy, JsonNode example) {}

  /** What there is to say about each problem, in the order of the codes. */
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
