package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.http.ProblemCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The document is right in itself. */
class DocumentTest {
  private static final Contract CONTRACT = Contract.KEYLEDGER;

  /** The codes that no present operation leads to. */
  private static final List<ProblemCode> NOT_OF_AN_OPERATION =
      List.of(ProblemCode.METHOD_NOT_ALLOWED, ProblemCode.INTERNAL_ERROR);

  @Test
  void everyReferenceLeadsSomewhere() {
    assertThat(references(CONTRACT.document()))
        .isNotEmpty()
        .allSatisfy(reference ->
            assertThat(CONTRACT.document().at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
  }

  @Test
  void everyOperationHasAnIdOfItsOwnASideAndExamples() {
    assertThat(operations()).isNotEmpty();
    assertThat(operations())
        .extracting(one -> one.path("operationId").asString(""))
        .doesNotContain("")
        .doesNotHaveDuplicates();
    assertThat(operations())
        .allSatisfy(one -> {
          assertThat(one.path("x-keyledger-side").asString("")).isIn("command", "query");
          assertThat(one.path("summary").asString("")).isNotEmpty();
        });
  }

  @Test
  void operationsThatRefuseACredentialCanBeRateLimited() {
    Map<String, JsonNode> responses = responses();
    assertThat(responses.keySet())
        .containsAll(
            responses.keySet().stream()
                .filter(where -> where.endsWith(" 401") && !where.contains("/v1/forward-auth"))
                .map(where -> where.replace(" 401", " 429"))
                .toList());
  }

  @Test
  void everyExampleIsWhatItsSchemaWants() {
    Map<String, JsonNode> media = mediaTypes();
    assertThat(media).isNotEmpty();
    media.forEach((where, content) -> {
      assertThat(content.path("examples").isEmpty()).as("examples of " + where).isFalse();
      content
          .path("examples")
          .forEachEntry((name, example) ->
              assertThat(
                      CONTRACT
                          .schemas()
                          .violations(
                              content.path("schema"), CONTRACT.resolved(example).path("value")))
                  .as(where + ", example " + name)
                  .isEmpty());
    });
  }

  @Test
  void everyProblemOfTheCodeIsDocumentedAndTheReverse() {
    List<String> codes =
        Arrays.stream(ProblemCode.values()).map(ProblemCode::code).sorted().toList();

    assertThat(CONTRACT.document().at("/components/schemas/ProblemCode/enum"))
        .extracting(JsonNode::asString)
        .containsExactlyInAnyOrderElementsOf(codes);
    assertThat(
            CONTRACT.document().at("/components/examples").properties().stream()
                .filter(example -> example.getValue().has("x-remedy"))
                .map(Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(codes);
    for (ProblemCode code : ProblemCode.values()) {
      JsonNode example = CONTRACT.document().at("/components/examples/" + code.code());
      JsonNode body = example.path("value");
      assertThat(example.path("summary").asString("")).isEqualTo(code.title());
      assertThat(example.path("description").asString("")).as(code.code()).isNotEmpty();
      assertThat(body.path("type").asString("")).isEqualTo("/problems/" + code.code());
      assertThat(body.path("title").asString("")).isEqualTo(code.title());
      assertThat(body.path("status").asInt(0)).isEqualTo(code.status());
      assertThat(body.path("code").asString("")).isEqualTo(code.code());
      assertThat(
              CONTRACT
                  .schemas()
                  .violations(CONTRACT.document().at("/components/schemas/Problem"), body))
          .as(code.code())
          .isEmpty();
    }
  }

  @Test
  void everyProblemIsAnAnswerOfSomeOperationWithItsStatus() {
    var seen = new ArrayList<String>();
    responses()
        .forEach((where, response) ->
            response
                .path("content")
                .path("application/problem+json")
                .path("examples")
                .propertyNames()
                .forEach(code -> {
                  assertThat(where).endsWith(" " + ProblemCode.valueOf(named(code)).status());
                  seen.add(code);
                }));

    assertThat(seen)
        .containsAll(
            Arrays.stream(ProblemCode.values())
                .filter(code -> !NOT_OF_AN_OPERATION.contains(code))
                .map(ProblemCode::code)
                .toList());
  }

  private static String named(String code) {
    return code.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static List<JsonNode> operations() {
    return CONTRACT.operations().stream().map(DocumentTest::operation).toList();
  }

  private static JsonNode operation(String methodAndPath) {
    String[] parts = methodAndPath.split(" ", 2);
    return CONTRACT.document().path("paths").path(parts[1]).path(parts[0].toLowerCase(Locale.ROOT));
  }

  /** Returns all answers, by operation and status. */
  private static Map<String, JsonNode> responses() {
    var responses = new TreeMap<String, JsonNode>();
    for (String operation : CONTRACT.operations()) {
      operation(operation)
          .path("responses")
          .forEachEntry((status, response) ->
              responses.put(operation + " " + status, CONTRACT.resolved(response)));
    }
    return responses;
  }

  /** Returns all bodies of requests and answers. */
  private static Map<String, JsonNode> mediaTypes() {
    var media = new TreeMap<String, JsonNode>();
    for (String operation : CONTRACT.operations()) {
      operation(operation)
          .path("requestBody")
          .path("content")
          .forEachEntry((type, content) -> media.put(operation + " " + type, content));
    }
    responses()
        .forEach((where, response) ->
            response
                .path("content")
                .forEachEntry((type, content) -> media.put(where + " " + type, content)));
    return media;
  }

  private static List<String> references(JsonNode node) {
    Stream<String> own =
        node.path("$ref").isString() ? Stream.of(node.get("$ref").asString()) : Stream.empty();
    return Stream.concat(own, node.valueStream().flatMap(child -> references(child).stream()))
        .toList();
  }
}
