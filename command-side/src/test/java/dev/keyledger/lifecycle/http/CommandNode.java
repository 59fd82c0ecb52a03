package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.command.CommandApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A command node in this process, on a free port, and a client of it that holds the root key. */
final class CommandNode implements AutoCloseable {
  static final String PEPPER_1 = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  static final String PEPPER_2 = "2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
  private static final String ROOT_KEY = "root-key-of-the-tests-0123456789abcdef";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ConfigurableApplicationContext context;
  private final URI uri;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  CommandNode(TestLedger ledger, String peppers) {
    this(ledger, peppers, Map.of());
  }

  /**
   * @param more further settings
   */
  CommandNode(TestLedger ledger, String peppers, Map<String, Object> more) {
    context =
        new SpringApplicationBuilder(CommandApplication.class)
            .properties(
                Map.of(
                    "server.address",
                    "127.0.0.1",
                    "keyledger.database.url",
                    ledger.jdbcUrl(),
                    "keyledger.database.username",
                    "postgres",
                    "keyledger.database.password",
                    "x",
                    "keyledger.root-key",
                    ROOT_KEY,
                    "keyledger.peppers",
                    peppers))
            .properties(more)
            .run("--server.port=0");
    uri =
        URI.create(
            "http://127.0.0.1:"
                + context.getEnvironment().getRequiredProperty("local.server.port"));
  }

  <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** An answer of the node. */
  record Answer(HttpResponse<String> response) {
    int status() {
      return response.statusCode();
    }

    JsonNode body() {
      return JsonMapper.shared().readTree(response.body());
    }

    String text() {
      return response.body();
    }

    /** Returns the value of a body's field as text. */
    String field(String name) {
      return body().path(name).asString();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    /** Returns the ids of the keys that a command has revoked. */
    List<String> revoked() {
      assertThat(status()).as(text()).isEqualTo(200);
      return body().path("revoked").valueStream().map(JsonNode::asString).toList();
    }
  }

  Answer post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  Answer postWithoutCredential(String path, String body, String... headers) {
    return exchange("", "POST", path, body, headers);
  }

  /** Sends a request with another credential than the root key. */
  Answer postAs(String credential, String path, String body) {
    return exchange(credential, "POST", path, body);
  }

  /**
   * Imports keys with unknown secrets.
   *
   * @param key their common fields, a JSON object
   * @param first the first of a range of numbers that no import has used
   * @return their ids
   */
  List<String> importedAs(@Nullable String credential, String key, long first, int keys) {
    String entry = key.substring(0, key.lastIndexOf('}')) + ",\"secretSha256\":\"%064x\"}";
    String entries =
        LongStream.range(first, first + keys)
            .mapToObj(entry::formatted)
            .collect(Collectors.joining(","));
    Answer answer =
        postAs(
            credential == null ? ROOT_KEY : credential,
            "/v1/keys/import",
            "{\"keys\":[" + entries + "]}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer
        .body()
        .path("results")
        .valueStream()
        .map(result -> result.path("keyId").asString())
        .toList();
  }

  Answer send(String method, String path, String body, String... headers) {
    return exchange(ROOT_KEY, method, path, body, headers);
  }

  private Answer exchange(
      String credential, String method, String path, String body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create(uri + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json");
    if (!credential.isEmpty()) {
      request.header("Authorization", "Bearer " + credential);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return new Answer(http.send(request.build(), BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    context.close();
  }
}
