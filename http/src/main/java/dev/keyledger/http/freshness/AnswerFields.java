package dev.keyledger.http.freshness;

import dev.keyledger.http.StrictJson;
import java.util.Objects;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Adds fields to answers that are JSON objects. */
final class AnswerFields {
  private AnswerFields() {}

  /** Returns an answer with another status and one more field. */
  static ResponseEntity<?> with(
      ResponseEntity<?> done, HttpStatusCode status, String name, JsonNode value) {
    ObjectNode body = (ObjectNode) tree(Objects.requireNonNull(done.getBody()));
    body.set(name, value);
    return ResponseEntity.status(status)
        .headers(done.getHeaders())
        .contentType(MediaType.APPLICATION_JSON)
        .body(body);
  }

  private static JsonNode tree(Object body) {
    return body instanceof byte[] json
        ? StrictJson.MAPPER.readTree(json)
        : StrictJson.MAPPER.valueToTree(body);
  }
}
