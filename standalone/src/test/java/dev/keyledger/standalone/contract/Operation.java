package dev.keyledger.standalone.contract;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * An operation of the contract, as the OpenAPI document describes it.
 *
 * @param path with variables, as in {@code /v1/keys/{keyId}}
 * @param description its description, with references of the first level resolved
 * @param parameters all parameters, with all references resolved, also in schemas
 */
public record Operation(
    String method, String path, JsonNode description, List<JsonNode> parameters) {
  /** The form of forms. */
  public static final String FORM = "application/x-www-form-urlencoded";

  /**
   * The documented body of a request.
   *
   * @param mediaType the media type of the text
   */
  public record Sample(String mediaType, JsonNode value) {
    /** Returns the body as it is sent. */
    public String text() {
      return mediaType.equals(FORM)
          ? value.properties().stream()
              .map(field -> field.getKey() + "=" + encoded(field.getValue().asString()))
              .collect(Collectors.joining("&"))
          : value.toString();
    }
  }

  public Operation {
    parameters = List.copyOf(parameters);
  }

  /** Returns the name, as in {@code POST /v1/keys}. */
  public String name() {
    return method + " " + path;
  }

  /**
   * Returns the permission that the caller must hold, without the prefix {@code keyledger:}; empty
   * if the document names none.
   */
  public String needs() {
    return description.path("x-keyledger-permission").asString("");
  }

  /** Returns the status of a success: the lowest one, if there are several. */
  int successStatus() {
    return description.path("responses").propertyNames().stream()
        .filter(status -> status.startsWith("2"))
        .mapToInt(Integer::parseInt)
        .min()
        .orElseThrow();
  }

  /** Returns whether the operation may append to the log. */
  public boolean isCommand() {
    return description.path("x-keyledger-side").asString().equals("command");
  }

  /** Returns the bodies that the document shows. */
  public List<Sample> samples() {
    return description.path("requestBody").path("content").properties().stream()
        .flatMap(media ->
            media
                .getValue()
                .path("examples")
                .valueStream()
                .map(example -> new Sample(media.getKey(), example.path("value"))))
        .toList();
  }

  /** Returns the first of them; empty if the operation takes no body. */
  public Optional<Sample> sample() {
    return samples().stream().findFirst();
  }

  /**
   * Returns the path with values in place of its variables.
   *
   * @param values by the name of the variable
   */
  public String pathWith(Map<String, String> values) {
    String filled = path;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace("{" + value.getKey() + "}", value.getValue());
    }
    return filled;
  }

  @Override
  public String toString() {
    return name();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
