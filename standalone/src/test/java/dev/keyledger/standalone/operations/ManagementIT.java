package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The management port: who may read it, and what it never shows. */
@Timeout(60)
@ExtendWith(SharedStandalone.class)
class ManagementIT {
  @ParameterizedTest
  @ValueSource(strings = {"", "/readiness", "/liveness"})
  void openHealthSaysUpAndNothingElse(String group, KeyledgerProcess keyledger) {
    Answer answer = keyledger.client().get("/actuator/health" + group);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{\"status\":\"UP\"}");
  }

  @Test
  void detailsOfHealthWantThePermissionOfMetrics(KeyledgerProcess keyledger) {
    String readiness = "/actuator/health/readiness";

    Answer scraped = operator(keyledger, "keyledger:metrics:read").get(readiness);
    assertThat(scraped.body().at("/components/ledger/details/position").isNumber()).isTrue();
    assertThat(keyledger.root().get(readiness).text()).contains("\"position\"");
    assertRefused(operator(keyledger, "keyledger:keys:*").get(readiness), 403, "forbidden");
    assertRefused(keyledger.client().bearer("wrong").get(readiness), 401, "unauthorized");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator",
        "/actuator/",
        "/actuator/prometheus",
        "/actuator/%70rometheus",
        "/actuator/prometheus/",
        "/actuator/prometheus;a=b",
        "/actuator;a=b/prometheus",
        "/actuator/health/../prometheus",
        "/actuator/health/..;/prometheus",
        "/actuator/health/%2e%2e/prometheus",
        "/actuator/./prometheus",
        "//actuator/prometheus",
        "/actuator/healthy",
        "/actuator/health/ledger",
        "/actuator/health/readiness/ledger",
        "/actuator/env",
        "/actuator/digests",
        "/actuator/nothing",
      })
  void nothingElseIs(String path, KeyledgerProcess keyledger) {
    assertThat(keyledger.client().get(path).status()).isIn(400, 401);
    Client holder = keyledger.client().bearer(keyledger.issuer().issued("*:*").secret());
    assertThat(holder.get(path).status()).isIn(400, 401);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"application/json | 7", "application/json | {", "x | 7", "text/plain | 7"})
  void aBodyThatNobodyAskedForBreaksNothing(String type, String body, KeyledgerProcess keyledger) {
    Answer answer =
        keyledger
            .client()
            .header("Content-Type", type)
            .send("GET", "/actuator/health", BodyPublishers.ofString(body));

    assertThat(answer.status()).as(answer.text()).isIn(200, 400);
  }

  @Test
  void metricsWantAPermissionAndTheRestTheRootKey(KeyledgerProcess keyledger) {
    Client scraper = operator(keyledger, "keyledger:metrics:read");
    Client other = operator(keyledger, "keyledger:keys:*");

    assertThat(scraper.get("/actuator/prometheus").text()).contains("keyledger_lag_events");
    assertRefused(scraper.get("/actuator"), 403, "forbidden");
    assertRefused(scraper.get("/actuator/env"), 403, "forbidden");
    assertRefused(other.get("/actuator/prometheus"), 403, "forbidden");
    assertRefused(keyledger.client().get("/actuator/prometheus"), 401, "unauthorized");
    assertThat(keyledger.root().get("/actuator").body().path("_links").propertyNames())
        .contains("health", "prometheus")
        .doesNotContain("env", "heapdump", "shutdown", "loggers", "digests");
    assertRefused(keyledger.root().get("/actuator/env"), 404, "not-found");
  }

  @Test
  void nothingOfANodeIsChangedByAskingItThere(KeyledgerProcess keyledger) {
    for (String method : new String[] {"POST", "PUT", "DELETE", "PATCH"}) {
      assertThat(
              keyledger
                  .root()
                  .send(method, "/actuator/prometheus", BodyPublishers.noBody())
                  .status())
          .isEqualTo(405);
    }
    assertThat(keyledger.root().post("/actuator/shutdown", "{}").status()).isEqualTo(404);
  }

  private static Client operator(KeyledgerProcess keyledger, String permission) {
    return keyledger.client().bearer(keyledger.issuer().issued(permission).secret());
  }

  private static void assertRefused(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.body().path("code").asString()).isEqualTo(code);
  }
}
