package dev.keyledger.standalone.process;

/**
 * A key as its issuer got to know it.
 *
 * @param id the public id
 * @param secret what its holder presents
 * @param answer what the issuing command answered
 */
public record IssuedKey(String id, String secret, Answer answer) {
  /** What a command that made a secret has answered. */
  public static IssuedKey of(Answer answer) {
    return new IssuedKey(
        answer.body().path("keyId").asString(), answer.body().path("secret").asString(), answer);
  }

  /** Where the key is found. */
  public String path() {
    return "/v1/keys/" + id;
  }

  /** Tells nothing of the secret. */
  @Override
  public String toString() {
    return id;
  }
}
