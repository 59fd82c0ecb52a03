package dev.keyledger.standalone.process;

import java.net.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer of a server.
 *
 * @param text the unmodified body; empty if there was none
 */
public record Answer(int status, HttpHeaders headers, String text) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Returns the body as JSON; a missing node if it was empty. */
  public JsonNode body() {
    return JSON.readTree(text);
  }

  /** Returns the first value of a header; empty if there is none. */
  public String header(String name) {
    return headers.firstValue(name).orElse("");
  }
}
