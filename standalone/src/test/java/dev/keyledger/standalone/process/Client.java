package dev.keyledger.standalone.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.contract.Contract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A client of the HTTP contract. It fails if an answer violates the contract. Immutable: {@link
 * #bearer} and {@link #header} return a new client.
 *
 * @param uri the base for all paths
 * @param headers sent with each request
 */
public record Client(URI uri, Map<String, String> headers) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  public Client {
    headers = Map.copyOf(headers);
  }

  public Client(URI uri) {
    this(uri, Map.of());
  }

  /** Returns a client with a credential. */
  public Client bearer(String credential) {
    return header("Authorization", "Bearer " + credential);
  }

  /** Returns a client with a header, which replaces one of exactly the same name. */
  public Client header(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Client(uri, more);
  }

  public Answer get(String path) {
    return send("GET", path, BodyPublishers.noBody());
  }

  public Answer delete(String path) {
    return send("DELETE", path, BodyPublishers.noBody());
  }

  /** Sends a request without a body. */
  public Answer post(String path) {
    return send("POST", path, BodyPublishers.noBody());
  }

  public Answer post(String path, String json) {
    return sendJson("POST", path, json);
  }

  public Answer put(String path, String json) {
    return sendJson("PUT", path, json);
  }

  public Answer patch(String path, String json) {
    return sendJson("PATCH", path, json);
  }

  private Answer sendJson(String method, String path, String json) {
    Client client =
        headers.containsKey("Content-Type") ? this : header("Content-Type", "application/json");
    return client.send(method, path, BodyPublishers.ofString(json));
  }

  /**
   * @throws UncheckedIOException if there is no answer within 30 seconds; whether the request was
   *     carried out is then unknown
   */
  public Answer send(String method, String path, BodyPublisher body) {
    var request =
        HttpRequest.newBuilder(URI.create(uri + path)).method(method, body).timeout(PATIENCE);
    headers.forEach(request::header);
    try {
      var response = HTTP.send(request.build(), BodyHandlers.ofInputStream());
      String text = textOf(response);
      assertThat(
              Contract.KEYLEDGER.violations(
                  method, path, response.statusCode(), response.headers(), text))
          .as("violations of the contract")
          .isEmpty();
      return new Answer(response.statusCode(), response.headers(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Reads the body; of a feed, which has no end, the first message. */
  private static String textOf(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      boolean endless =
          response.headers().firstValue("Content-Type").orElse("").equals(Feed.MEDIA_TYPE);
      return endless
          ? Feed.messageOf(new BufferedReader(new InputStreamReader(body, UTF_8)))
          : new String(body.readAllBytes(), UTF_8);
    }
  }
}
