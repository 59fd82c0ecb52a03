package dev.keyledger.standalone.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.standalone.console.Browsing.Signed;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A workspace with 5,000 keys, created once for each node. */
final class Company {
  static final int KEYS = 5_000;
  private static final int BATCH = 1_000;
  private static final int OWNERS = 12;
  private static final String WORKSPACE = "company";

  @GuardedBy("Company.class")
  private static final Map<URI, Company> MADE = new HashMap<>();

  private final KeyledgerProcess keyledger;
  private final Client root;

  private Company(KeyledgerProcess keyledger) {
    this.keyledger = keyledger;
    this.root = keyledger.root().header("Keyledger-Workspace", WORKSPACE);
  }

  /** Returns the company on a node. */
  static synchronized Company on(KeyledgerProcess keyledger) {
    return MADE.computeIfAbsent(
        keyledger.uri(),
        _ -> {
          var company = new Company(keyledger);
          company.make();
          return company;
        });
  }

  private void make() {
    Answer opened =
        keyledger
            .root()
            .post(
                "/v1/workspaces",
                """
                {"workspace": "%s", "policy": {"holderMay": ["renew", "rotate"], "allowNoExpiry": true}}
                """
                    .formatted(WORKSPACE));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    for (int from = 0; from < KEYS; from += BATCH) {
      String keys =
          IntStream.range(from, from + BATCH)
              .mapToObj(Company::imported)
              .collect(Collectors.joining(","));
      Answer answer = root.post("/v1/keys/import", "{\"keys\": [" + keys + "]}");
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
  }

  /** Returns a key; one in ten is dead, the others expire in 1 to 360 days. */
  private static String imported(int number) {
    Instant now = Instant.now();
    String end =
        number % 10 == 9
            ? "\"expiresAt\": \"%s\"".formatted(now.minus(Duration.ofDays(number % 20 + 1)))
            : "\"expiresAt\": \"%s\"".formatted(now.plus(Duration.ofDays(number % 360 + 1)));
    return """
    {"name": "Imported %04d", "owner": {"type": "service", "id": "team-%d"}, "permissions": ["read:users",
    "write:reports:*"], "createdAt": "%s", "secretHint": "old_%04d", "secretSha256": "%064x", %s}
    """
        .formatted(
            number, number % OWNERS, now.minus(Duration.ofDays(400)), number, number + 1, end);
  }

  Signed root() {
    return new Signed(keyledger.rootKey(), WORKSPACE);
  }

  /** Returns a new operator with these permissions. */
  Signed operator(String... permissions) {
    return new Signed(issuer().issued(permissions).secret(), "");
  }

  Issuer issuer() {
    return new Issuer(root);
  }

  Client client() {
    return root;
  }

  /** Returns the code of the decision on a secret without further conditions. */
  String codeOf(String secret) {
    return issuer()
        .verifiedWith("\"key\": \"%s\", \"workspace\": \"%s\"".formatted(secret, WORKSPACE))
        .path("code")
        .asString();
  }

  /** Issues a key with a name. */
  IssuedKey issued(String name, String... permissions) {
    return issuer()
        .issuedFrom(
            """
            {"name": "%s", "owner": {"type": "service", "id": "payments"}, "permissions": %s}
            """
                .formatted(name, Issuer.strings(permissions)));
  }
}
