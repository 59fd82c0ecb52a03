package dev.keyledger.standalone.readme;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer in which everything that varies between runs (ids, times, secrets, tokens, positions)
 * is replaced by its kind, so that two answers are equal if nothing else differs.
 */
final class PrintedAnswer {
  private static final JsonMapper JSON = new JsonMapper();

  /** The parts that differ from run to run, by their kind. */
  private static final Map<String, Pattern> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("key id", Pattern.compile("key_[0-9a-hjkmnp-tv-z]{26}"));
    KINDS.put("webhook id", Pattern.compile("whk_[0-9a-hjkmnp-tv-z]{26}"));
    KINDS.put("delivery id", Pattern.compile("dlv_[0-9a-hjkmnp-tv-z]{26}"));
    KINDS.put("signing secret", Pattern.compile("whsec_[0-9A-Za-z+/=]{44}"));
    KINDS.put("public key", Pattern.compile("whpk_[0-9A-Za-z+/=]{44}"));
    KINDS.put("date in words", Pattern.compile("\\d+ \\w+ \\d{4}, \\d{2}:\\d{2}:\\d{2} UTC"));
    KINDS.put("secret", Pattern.compile("kl_(?:live|test)_[0-9A-Za-z]{49}"));
    KINDS.put("hint", Pattern.compile("kl_(?:live|test)_\\.{3}[0-9A-Za-z]{4}"));
    KINDS.put(
        "time", Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?Z"));
    KINDS.put("time left", Pattern.compile("P6DT23H(?:59M)?[0-9.MS]*"));
    KINDS.put("date", Pattern.compile("\\w{3}, \\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT"));
    KINDS.put("request id", Pattern.compile("req_[0-9a-f]{32}"));
    KINDS.put("instance", Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
    KINDS.put("user agent", Pattern.compile("curl/[0-9.]+"));
  }

  private PrintedAnswer() {}

  /** Returns the constant parts of an answer: JSON, or a status line and headers. */
  static String constantPartOf(String answer) {
    return answer.startsWith("HTTP/") ? ofHeaders(answer) : ofJson(answer);
  }

  private static String ofHeaders(String answer) {
    var headers = new TreeMap<String, String>();
    String[] lines = answer.strip().split("\\R", -1);
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          normal(lines[i].substring(colon + 1).strip()));
    }
    return lines[0].strip()
        + headers.entrySet().stream()
            .map(header -> "\n" + header.getKey() + ": " + header.getValue())
            .collect(Collectors.joining());
  }

  private static String ofJson(String answer) {
    return JSON.writerWithDefaultPrettyPrinter()
        .writeValueAsString(normal("", JSON.readTree(answer)));
  }

  private static JsonNode normal(String field, JsonNode value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (value.isObject()) {
      var members = new TreeMap<String, JsonNode>();
      value.forEachEntry((name, member) -> members.put(name, normal(name, member)));
      ObjectNode object = nodes.objectNode();
      members.forEach(object::set);
      return object;
    }
    if (value.isArray()) {
      ArrayNode array = nodes.arrayNode();
      value.forEach(element -> array.add(normal(field, element)));
      return array;
    }
    if (field.equals("position") && value.isIntegralNumber()) {
      return nodes.stringNode("<position>");
    }
    if (field.equals("node")) {
      return nodes.stringNode("<node>");
    }
    return value.isString() ? nodes.stringNode(normal(value.asString())) : value;
  }

  /** Returns the constant parts of a text. */
  static String normal(String text) {
    String normal = text;
    for (Map.Entry<String, Pattern> kind : KINDS.entrySet()) {
      normal = kind.getValue().matcher(normal).replaceAll("<" + kind.getKey() + ">");
    }
    return normal;
  }
}
