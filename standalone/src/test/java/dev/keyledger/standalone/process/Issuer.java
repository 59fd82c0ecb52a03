package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Somebody who may issue keys, act on them and ask about them. Each method but {@link #command} and
 * {@link #verify} insists on success.
 *
 * @param client presents the credential
 * @param checks likewise, where checks are asked for
 */
public record Issuer(Client client, Client checks) {
  public Issuer(Client client) {
    this(client, client);
  }

  /** A key of the app {@code billing} with these permissions and the default lifetime. */
  public IssuedKey issued(String... permissions) {
    return issuedFrom("{%s}".formatted(fields(permissions)));
  }

  /**
   * The same with more fields.
   *
   * @param moreFields JSON members, comma-separated
   */
  public IssuedKey issuedWith(String moreFields, String... permissions) {
    return issuedFrom("{%s, %s}".formatted(fields(permissions), moreFields));
  }

  /** A key as the body says. */
  public IssuedKey issuedFrom(String body) {
    Answer answer = client.post("/v1/keys", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return IssuedKey.of(answer);
  }

  /** The key after a command that succeeds. */
  public JsonNode done(IssuedKey key, String command, String body) {
    Answer answer = command(key, command, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }

  /** The key after a rotation, with its new secret. */
  public IssuedKey rotated(IssuedKey key, String body) {
    Answer answer = command(key, "rotate", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return IssuedKey.of(answer);
  }

  /** What a command on a key is answered. */
  public Answer command(IssuedKey key, String command, String body) {
    return client.post(key.path() + "/" + command, body);
  }

  /** The key now. */
  public JsonNode read(IssuedKey key) {
    return ok(client.get(key.path()));
  }

  /** The key's audit entries, oldest first. */
  public JsonNode history(IssuedKey key) {
    return ok(client.get(key.path() + "/history")).path("data");
  }

  /** What is decided about a secret on which nothing more is asked. */
  public JsonNode verified(String secret) {
    return verifiedWith("\"key\": \"%s\"".formatted(secret));
  }

  /**
   * What is decided about a secret.
   *
   * @param fields JSON members of the request, comma-separated
   */
  public JsonNode verifiedWith(String fields) {
    return ok(verify("{%s}".formatted(fields)));
  }

  /** What a verification is answered. */
  public Answer verify(String body) {
    return checks.post("/v1/verify", body);
  }

  /** The code of the decision about a secret on which nothing more is asked. */
  public String codeOf(String secret) {
    return verified(secret).path("code").asString();
  }

  /** JSON members of a request for a key, with these permissions. */
  public static String fields(String... permissions) {
    return "\"name\": \"Billing\", \"owner\": {\"type\": \"app\", \"id\": \"billing\"},"
        + " \"permissions\": "
        + strings(permissions);
  }

  /** A JSON array of strings. */
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
