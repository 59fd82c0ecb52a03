package dev.keyledger.standalone.process;

/**
 * A key as its issuer knows it.
 *
 * @param id the public id
 * @param secret the secret that its holder presents
 * @param answer the answer to the issuing command
 */
public record IssuedKey(String id, String secret, Answer answer) {
  /** Returns the key in the answer to a command that created a secret. */
  public static IssuedKey of(Answer answer) {
    return new IssuedKey(
        answer.body().path("keyId").asString(), answer.body().path("secret").asString(), answer);
  }

  /** Returns the path of the key. */
  public String path() {
    return "/v1/keys/" + id;
  }

  /** Does not reveal the secret. */
  @Override
  public String toString() {
    return id;
  }
}
