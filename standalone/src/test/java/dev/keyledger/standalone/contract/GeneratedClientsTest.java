package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The constructs that generators of clients misread, which the document avoids: see the tests in
 * {@code ClientsIT}, which run such clients.
 */
class GeneratedClientsTest {
  private static final Contract CONTRACT = Contract.KEYLEDGER;

  /** Keywords whose value is one schema, or a list of them. */
  private static final List<String> NESTED =
      List.of("items", "additionalProperties", "not", "allOf", "anyOf", "oneOf");

  /** Names of numbers that grow without a limit. */
  private static final Set<String> GROWING = Set.of("position", "after", "iat", "nbf", "exp");

  /** Lists and maps of requests for which absent and empty mean the same. */
  private static final Set<String> EMPTY_IS_ABSENT =
      Set.of("ipAllowList", "metadata", "anyOf", "allOf");

  /**
   * A schema.
   *
   * @param name the name of the property, parameter or component; empty for an element
   * @param inline whether it is not a component
   */
  private record Place(String path, String name, boolean inline, JsonNode schema) {
    boolean has(String keyword) {
      return schema.has(keyword);
    }

    boolean isOf(String type) {
      JsonNode types = schema.path("type");
      return types.asString("").equals(type)
          || types.valueStream().anyMatch(one -> one.asString().equals(type));
    }
  }

  @Test
  void everyOneOfHasADiscriminator() {
    assertNone(place -> place.has("oneOf") && !place.has("discriminator"));
  }

  @Test
  void noDefaultStandsBesideAReference() {
    assertNone(place -> place.has("$ref") && place.has("default"));
  }

  /** Checks defaults: openapi-typescript treats a field with a default as required. */
  @Test
  void noFieldHasADefault() {
    assertNone(place -> place.path.startsWith("/components/schemas/") && place.has("default"));
  }

  @Test
  void timesAndDurationsArePlainStrings() {
    assertNone(place -> place.has("anyOf"));
    assertNone(
        place -> Set.of("date-time", "duration", "date").contains(text(place.schema, "format")));
    assertNone(place ->
        place
            .schema
            .path("allOf")
            .valueStream()
            .map(GeneratedClientsTest::resolved)
            .anyMatch(part -> !part.has("properties") && !part.has("allOf")));
  }

  @Test
  void everyNumberHasItsSize() {
    assertNone(place ->
        place.isOf("integer") && !Set.of("int32", "int64").contains(text(place.schema, "format")));
    assertNone(place ->
        GROWING.contains(place.name)
            && !text(resolved(place.schema), "format").equals("int64")
            && !place.isOf("string")); // a token may stand for it
  }

  @Test
  void everyInlineTypeHasATitle() {
    assertNone(place ->
        place.inline
            && Stream.of("properties", "allOf", "enum").anyMatch(place::has)
            && !place.has("title"));
  }

  @Test
  void oneBearerSchemeIsPickedFirst() {
    JsonNode schemes = CONTRACT.document().at("/components/securitySchemes");
    assertThat(schemes.propertyNames()).first().isEqualTo("bearer");
    assertThat(schemes.valueStream().filter(scheme -> text(scheme, "type").equals("http")))
        .hasSize(1);
    for (Operation operation : CONTRACT.all()) {
      List<String> picked =
          operation
              .description()
              .path("security")
              .valueStream()
              .flatMap(way -> way.propertyNames().stream())
              .toList();
      if (picked.contains("bearer")) {
        assertThat(picked).as(operation.name()).first().isEqualTo("bearer");
      }
    }
  }

  /** Checks names of fields: openapi-typescript treats such a field as a keyword. */
  @Test
  void noExampleHasAFieldThatIsCalledLikeAKeyword() {
    var fields = new ArrayList<String>();
    addExampleFields(CONTRACT.document(), false, fields);
    assertThat(fields).contains("permissions").doesNotContain("allOf", "oneOf", "$ref", "schema");
  }

  @Test
  void everyBodySaysWhetherItIsRequired() {
    for (Operation operation : CONTRACT.all()) {
      JsonNode body = operation.description().path("requestBody");
      assertThat(body.isMissingNode() || body.path("required").isBoolean())
          .as(operation.name())
          .isTrue();
    }
  }

  /**
   * Checks optional lists: a Java client sends an empty list for an absent one, unless the list may
   * be null.
   */
  @Test
  void anOptionalListThatMustNotBeEmptyMayBeNull() {
    assertThat(inRequests())
        .isNotEmpty()
        .filteredOn(place -> {
          JsonNode schema = resolved(place.schema);
          String type = text(schema, "type");
          return type.equals("array")
              || (type.equals("object") && schema.path("additionalProperties").isObject());
        })
        .extracting(Place::name)
        .isSubsetOf(EMPTY_IS_ABSENT);
  }

  @Test
  void theDocumentNamesTheProductAndItsServers() {
    assertThat(text(CONTRACT.document().path("info"), "version")).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(CONTRACT.document().path("servers"))
        .extracting(server -> text(server, "url"))
        .containsExactly("/", "http://localhost:8080");
  }

  @Test
  void everyDescriptionNamesTheNeededPermission() {
    assertThat(CONTRACT.all())
        .filteredOn(operation -> !operation.needs().isEmpty())
        .hasSizeGreaterThan(20)
        .allSatisfy(operation ->
            assertThat(text(operation.description(), "description"))
                .endsWith(
                    "Needs the permission `%s`."
                        .formatted(String.join("` or `", Rights.of(operation).anyOf()))));
  }

  private interface Mistake {
    boolean isIn(Place place);
  }

  private static void assertNone(Mistake mistake) {
    List<Place> places = places();
    assertThat(places).hasSizeGreaterThan(200);
    assertThat(places.stream().filter(mistake::isIn).map(Place::path).toList()).isEmpty();
  }

  /** Returns all schemas. */
  private static List<Place> places() {
    var places = new ArrayList<Place>();
    JsonNode document = CONTRACT.document();
    document
        .at("/components/schemas")
        .forEachEntry((name, schema) ->
            addSchema(new Place("/components/schemas/" + name, "", false, schema), places));
    addUses(document, "", places);
    return places;
  }

  /** Adds the schemas of parameters, headers and bodies. */
  private static void addUses(JsonNode node, String path, List<Place> places) {
    node.forEachEntry((key, value) -> {
      String here = path + "/" + key;
      if (key.equals("schema")) {
        addSchema(new Place(here, text(node, "name"), true, value), places);
      } else if (!here.equals("/components/schemas") && !isExample(key)) {
        addUses(value, here, places);
        value
            .valueStream()
            .filter(JsonNode::isObject)
            .forEach(one -> {
              if (value.isArray()) {
                addUses(one, here, places);
              }
            });
      }
    });
  }

  private static void addSchema(Place place, List<Place> places) {
    places.add(place);
    place
        .schema
        .path("properties")
        .forEachEntry((name, schema) ->
            addSchema(new Place(place.path + "/" + name, name, true, schema), places));
    for (String keyword : NESTED) {
      JsonNode nested = place.schema.path(keyword);
      Stream<JsonNode> schemas = nested.isArray() ? nested.valueStream() : Stream.of(nested);
      schemas
          .filter(JsonNode::isObject)
          .forEach(
              schema -> addSchema(new Place(place.path + "/" + keyword, "", true, schema), places));
    }
  }

  /** Returns the optional fields of request bodies. */
  private static List<Place> inRequests() {
    var fields = new ArrayList<Place>();
    for (Operation operation : CONTRACT.all()) {
      operation
          .description()
          .path("requestBody")
          .path("content")
          .forEach(media -> addOptional(media.path("schema"), fields));
    }
    return fields;
  }

  private static void addOptional(JsonNode schemaOrReference, List<Place> fields) {
    JsonNode schema = resolved(schemaOrReference);
    List<String> required = schema.path("required").valueStream().map(JsonNode::asString).toList();
    for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
      if (!required.contains(field.getKey())) {
        fields.add(new Place("", field.getKey(), true, field.getValue()));
      }
      addOptional(field.getValue(), fields);
    }
    schema.path("allOf").forEach(part -> addOptional(part, fields));
    if (schema.has("items")) {
      addOptional(schema.path("items"), fields);
    }
  }

  private static void addExampleFields(JsonNode node, boolean inside, List<String> fields) {
    node.forEachEntry((key, value) -> {
      if (inside) {
        fields.add(key);
      }
      addExampleFields(value, inside || key.equals("value") || key.equals("example"), fields);
    });
    if (node.isArray()) {
      node.forEach(one -> addExampleFields(one, inside, fields));
    }
  }

  private static boolean isExample(String key) {
    return key.equals("example") || key.equals("examples");
  }

  private static JsonNode resolved(JsonNode schema) {
    return CONTRACT.resolved(schema);
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }
}
