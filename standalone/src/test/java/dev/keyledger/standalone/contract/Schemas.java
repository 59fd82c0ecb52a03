package dev.keyledger.standalone.contract;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The schemas of a document, formats included. Thread-safe. */
final class Schemas {
  private final SchemaRegistry registry =
      SchemaRegistry.withDialect(
          Dialect.builder(Dialects.getDraft202012())
              .keyword(new NonValidationKeyword("components"))
              .build(),
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  private final JsonNode components;
  private final Map<JsonNode, Schema> compiled = new ConcurrentHashMap<>();

  Schemas(JsonNode components) {
    this.components = components;
  }

  /** Returns the violations of a schema by a value, in words; empty if there are none. */
  List<String> violations(JsonNode schema, JsonNode value) {
    return compiled.computeIfAbsent(schema, this::compile).validate(value).stream()
        .map(Error::toString)
        .toList();
  }

  /** Compiles a schema, together with the document's components, to which it refers. */
  private Schema compile(JsonNode schema) {
    ObjectNode whole = JsonMapper.shared().createObjectNode();
    schema.forEachEntry(whole::set);
    whole.set("components", components);
    return registry.getSchema(whole);
  }
}
