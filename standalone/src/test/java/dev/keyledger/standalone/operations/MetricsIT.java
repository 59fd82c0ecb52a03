package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The metrics that docs/operations.md describes. */
@Timeout(60)
@ExtendWith(SharedStandalone.class)
class MetricsIT {
  private static final String COMMANDS = "keyledger_commands_total";
  private static final String REQUESTS = "http_server_requests_seconds_count";

  @Test
  void commandsOfBatchesAreCountedLikeAllOthers(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    Metrics before = Metrics.of(keyledger);
    String entry =
        """
        {"name": "Old", "owner": {"type": "user", "id": "metrics"}, "permissions": [],
         "secretSha256": "%s"}
        """;
    String first = entry.formatted("ab".repeat(32));
    String second = entry.formatted("cd".repeat(32));
    assertThat(
            issuer
                .client()
                .post("/v1/keys/import", "{\"keys\": [%s, %s, %s]}".formatted(first, second, first))
                .status())
        .isEqualTo(200);
    assertThat(issuer.client().post("/v1/owners/user/metrics/revoke-keys", "{}").status())
        .isEqualTo(200);

    assertRisen(keyledger, before, 2, COMMANDS, "type=\"ImportKey\"", "outcome=\"done\"");
    assertRisen(
        keyledger, before, 1, COMMANDS, "type=\"ImportKey\"", "outcome=\"digest-already-known\"");
    assertRisen(keyledger, before, 2, COMMANDS, "type=\"RevokeKey\"", "outcome=\"done\"");
    assertRisen(keyledger, before, 2, "keyledger_append_batch_events_count");
    assertRisen(keyledger, before, 4, "keyledger_append_batch_events_sum");
    assertRisen(keyledger, before, 2, "keyledger_append_batch_events_bucket", "le=\"2.0\"");
    assertRisen(keyledger, before, 0, "keyledger_append_batch_events_bucket", "le=\"1.0\"");
  }

  @Test
  void eachKeyOfARenewalIsCountedUnlessItIsADryRun(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey renewed = issuer.issued("read:users");
    IssuedKey revoked = issuer.issued("read:users");
    issuer.done(revoked, "revoke", "{}");
    Metrics before = Metrics.of(keyledger);
    for (boolean dryRun : new boolean[] {true, false}) {
      String body =
          "{\"keyIds\": [\"%s\", \"%s\"], \"lifetime\": \"P100D\", \"dryRun\": %s}"
              .formatted(renewed.id(), revoked.id(), dryRun);
      assertThat(issuer.client().post("/v1/keys/renew-batch", body).status()).isEqualTo(200);
    }

    assertRisen(keyledger, before, 1, COMMANDS, "type=\"RenewKey\"", "outcome=\"done\"");
    assertRisen(keyledger, before, 1, COMMANDS, "type=\"RenewKey\"", "outcome=\"key-revoked\"");
  }

  @Test
  void requestsForVerificationAreTimedLikeAllOthers(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey key = issuer.issued("read:users");
    Client holder = keyledger.client().bearer(key.secret());
    Metrics before = Metrics.of(keyledger);
    issuer.codeOf(key.secret());
    keyledger.client().post("/v1/verify", "{\"key\": \"x\"}");
    issuer.client().post("/v1/verify/batch", "{\"checks\": [{\"key\": \"x\"}]}");
    holder.get("/v1/forward-auth?permission=read:users");
    holder.get("/v1/forward-auth?permission=read:orders");
    keyledger.client().get("/v1/forward-auth");
    keyledger.client().send("BREW", "/v1/forward-auth", BodyPublishers.noBody());
    issuer.read(key);

    assertRisen(keyledger, before, 1, REQUESTS, "uri=\"/v1/verify\"", "status=\"200\"");
    assertRisen(keyledger, before, 1, REQUESTS, "uri=\"/v1/verify\"", "status=\"401\"");
    assertRisen(keyledger, before, 1, REQUESTS, "uri=\"/v1/verify/batch\"", "outcome=\"SUCCESS\"");
    for (String status : new String[] {"200", "403", "401"}) {
      assertRisen(
          keyledger,
          before,
          1,
          REQUESTS,
          "uri=\"/v1/forward-auth\"",
          "method=\"GET\"",
          "status=\"" + status + "\"");
    }
    assertRisen(
        keyledger,
        before,
        1,
        REQUESTS,
        "uri=\"/v1/forward-auth\"",
        "method=\"UNKNOWN\"",
        "\"401\"");
    assertRisen(keyledger, before, 1, REQUESTS, "uri=\"/v1/keys/{keyId}\"", "status=\"200\"");
    assertRisen(keyledger, before, 1, "keyledger_verifications_total", "code=\"NOT_FOUND\"");
  }

  @Test
  void projectionsCatchUp(KeyledgerProcess keyledger) {
    keyledger.issuer().issued("read:users");
    for (String projection : new String[] {"directory", "audit"}) {
      String label = "projection=\"%s\"".formatted(projection);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            Metrics metrics = Metrics.of(keyledger);
            return metrics.sum("keyledger_projection_lag_events", label) == 0
                && metrics.sum("keyledger_projection_lag_seconds", label) == 0;
          });
    }
  }

  @Test
  void latenciesAreInBuckets(KeyledgerProcess keyledger) {
    Metrics before = Metrics.of(keyledger);
    keyledger.issuer().codeOf("x");

    for (String bucket : new String[] {"le=\"10.0\"", "le=\"+Inf\""}) {
      assertRisen(
          keyledger, before, 1, REQUESTS.replace("count", "bucket"), "uri=\"/v1/verify\"", bucket);
    }
  }

  @Test
  void keysAreCountedByStatusAndExpiry(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    Metrics before = Metrics.of(keyledger);
    issuer.client().post("/v1/keys", "{%s, \"lifetime\": \"P6D\"}".formatted(Issuer.fields("a:b")));
    issuer.client().post(issuer.issued("read:users").path() + "/revoke", "{}");

    // Keys of other tests may expire meanwhile.
    await()
        .untilAsserted(() -> {
          Metrics metrics = Metrics.of(keyledger);
          assertThat(metrics.sum("keyledger_keys", "status=\"revoked\""))
              .isGreaterThan(before.sum("keyledger_keys", "status=\"revoked\""));
          assertThat(metrics.sum("keyledger_keys", "status=\"active\"")).isPositive();
          assertThat(metrics.sum("keyledger_keys_expiring", "within=\"P7D\"")).isPositive();
          assertThat(metrics.sum("keyledger_keys_expiring", "within=\"P30D\"")).isPositive();
        });
  }

  @Test
  void theBuildAndThePoolsAreShown(KeyledgerProcess keyledger) {
    Metrics metrics = Metrics.of(keyledger);
    assertThat(metrics.sum("keyledger_build_info", "java=\"" + Runtime.version() + "\"")).isOne();
    assertThat(metrics.lines())
        .filteredOn(line -> line.startsWith("keyledger_build_info{"))
        .noneMatch(line -> line.contains("(not packaged)"));
    for (String pool : List.of("pool", "queries", "deliveries", "schedule", "proofs")) {
      String label = "pool=\"" + pool + "\"";
      assertThat(metrics.sum("keyledger_pool_max", label)).as(pool).isPositive();
      assertThat(metrics.sum("keyledger_pool_used", label))
          .isLessThanOrEqualTo(metrics.sum("keyledger_pool_max", label));
    }
  }

  @Test
  void documentedMetricsExist(KeyledgerProcess keyledger) throws IOException {
    keyledger.issuer().codeOf(keyledger.issuer().issued("read:users").secret());
    Metrics metrics = Metrics.of(keyledger);
    Set<String> documented = Documented.metrics();
    assertThat(documented).hasSizeGreaterThan(8);
    assertThat(documented).allMatch(name -> metrics.has(name) || metrics.has(name + "_count"));
  }

  /** Waits, because a request may be counted after its response has been read. */
  private static void assertRisen(
      KeyledgerProcess keyledger, Metrics before, int by, String name, String... labels) {
    await()
        .untilAsserted(() ->
            assertThat(Metrics.of(keyledger).sum(name, labels) - before.sum(name, labels))
                .as(name + String.join(",", labels))
                .isEqualTo(by));
  }
}
