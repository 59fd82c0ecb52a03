package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A caller that may issue keys, send commands on them and check them. Each method except {@link
 * #command} and {@link #verify} fails unless the request succeeds.
 *
 * @param client for commands and queries, with the credential
 * @param checks for checks, with the credential
 */
public record Issuer(Client client, Client checks) {
  public Issuer(Client client) {
    this(client, client);
  }

  /** Issues a key of the app {@code billing} with these permissions and the default lifetime. */
  public IssuedKey issued(String... permissions) {
    return issuedFrom("{%s}".formatted(fields(permissions)));
  }

  /**
   * Issues such a key with more fields.
   *
   * @param moreFields JSON members, comma-separated
   */
  public IssuedKey issuedWith(String moreFields, String... permissions) {
    return issuedFrom("{%s, %s}".formatted(fields(permissions), moreFields));
  }

  /** Issues a key from a request body. */
  public IssuedKey issuedFrom(String body) {
    Answer answer = client.post("/v1/keys", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return IssuedKey.of(answer);
  }

  /** Sends a command and returns the changed key. */
  public JsonNode done(IssuedKey key, String command, String body) {
    Answer answer = command(key, command, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  /** Rotates a key and returns it with its new secret. */
  public IssuedKey rotated(IssuedKey key, String body) {
    Answer answer = command(key, "rotate", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return IssuedKey.of(answer);
  }

  /** Sends a command on a key and returns the answer. */
  public Answer command(IssuedKey key, String command, String body) {
    return client.post(key.path() + "/" + command, body);
  }

  /** Reads a key. */
  public JsonNode read(IssuedKey key) {
    return ok(client.get(key.path()));
  }

  /** Returns the key's audit entries, oldest first. */
  public JsonNode history(IssuedKey key) {
    return ok(client.get(key.path() + "/history?limit=200")).path("data");
  }

  /** Returns the decision on a secret without further conditions. */
  public JsonNode verified(String secret) {
    return verifiedWith("\"key\": \"%s\"".formatted(secret));
  }

  /**
   * Returns the decision on a secret.
   *
   * @param fields JSON members of the request, comma-separated
   */
  public JsonNode verifiedWith(String fields) {
    return ok(verify("{%s}".formatted(fields)));
  }

  /** Sends a verification and returns the answer. */
  public Answer verify(String body) {
    return checks.post("/v1/verify", body);
  }

  /** Returns the code of the decision on a secret without further conditions. */
  public String codeOf(String secret) {
    return verified(secret).path("code").asString();
  }

  /** Returns JSON members of a request for a key with these permissions. */
  public static String fields(String... permissions) {
    return "\"name\": \"Billing\", \"owner\": {\"type\": \"app\", \"id\": \"billing\"},"
        + " \"permissions\": "
        + strings(permissions);
  }

  /** Returns a JSON array of strings. */
  public static String strings(String... texts) {
    return Arrays.stream(texts)
        .map(text -> "\"" + text + "\"")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }
}
