package dev.keyledger.standalone.process;

import java.net.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a server answered.
 *
 * @param text the body as it came; empty if there was none
 */
public record Answer(int status, HttpHeaders headers, String text) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The body as JSON; a missing node if it was empty. */
  public JsonNode body() {
    return JSON.readTree(text);
  }

  /** The only or first value of a header; empty if there is none. */
  public String header(String name) {
    return headers.firstValue(name).orElse("");
  }
}
