package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
@ExtendWith(SharedStandalone.class)
class ListsIT {
  private static final String HEADINGS =
      "keyId,name,ownerType,ownerId,environment,status,expiresAt,renewableUntil,lastUsedAt,"
          + "remindersSent";

  @Test
  void aKeyIsListedAsSoonAsItsPositionIsAskedFor(KeyledgerProcess keyledger) {
    for (int i = 0; i < 20; i++) {
      IssuedKey key = issued(keyledger, "freshness", "PT1H");
      Answer answer = atLeast(keyledger, key).get("/v1/keys?owner=service:freshness&limit=1");
      JsonNode first = ok(answer).path("data").path(0);
      assertThat(first).isEqualTo(new Issuer(keyledger.root()).read(key));
      assertThat(answer.header("Keyledger-Position")).hasSize(32);
      assertThat(
              ok(atLeast(keyledger, key).get("/v1/audit?keyId=" + key.id())).path("data").path(0))
          .isEqualTo(new Issuer(keyledger.root()).history(key).path(0));
    }
  }

  @Test
  void pagesFollowOnEachOther(KeyledgerProcess keyledger) {
    var issued = new ArrayList<String>();
    IssuedKey last = issued(keyledger, "pages", "PT1H");
    issued.add(last.id());
    for (int i = 0; i < 6; i++) {
      last = issued(keyledger, "pages", "PT1H");
      issued.add(last.id());
    }
    Client client = atLeast(keyledger, last);
    String path = "/v1/keys?owner=service:pages&limit=3";
    var walked = new ArrayList<String>();
    JsonNode page = ok(client.get(path));
    walked.addAll(ids(page));
    while (page.has("nextCursor")) {
      page = ok(client.get(path + "&cursor=" + page.path("nextCursor").asString()));
      walked.addAll(ids(page));
    }
    assertThat(walked).containsExactlyElementsOf(issued.reversed());
  }

  @Test
  void keysThatExpireComeSoonestFirstAndSayIn(KeyledgerProcess keyledger) {
    IssuedKey later = issued(keyledger, "expiring", "P2D");
    IssuedKey sooner = issued(keyledger, "expiring", "P1D");
    IssuedKey outside = issued(keyledger, "expiring", "P4D");
    String path = "/v1/keys/expiring?within=P3D&owner=service:expiring";
    JsonNode due = ok(atLeast(keyledger, outside).get(path));
    assertThat(ids(due)).containsExactly(sooner.id(), later.id());
    assertThat(due.path("data").path(0).path("expiresIn").asString()).startsWith("PT23H59M");

    assertThat(keyledger.root().post(sooner.path() + "/renew", "{\"lifetime\": \"P10D\"}").status())
        .isEqualTo(200);
    Answer read = keyledger.root().get("/v1/keys/expiring?owner=service:expiring");
    assertThat(ids(ok(read))).contains(later.id());
  }

  @Test
  void keysThatExpireAreATableForSpreadsheets(KeyledgerProcess keyledger) {
    String path = "/v1/keys/expiring.csv?within=P3D&owner=service:table";
    assertThat(table(keyledger.root(), path)).isEqualTo(HEADINGS + "\n");
    IssuedKey later = issued(keyledger, "table", "P2D");
    IssuedKey sooner =
        keyledger
            .issuer()
            .issuedFrom(
                """
                {"name": "=HYPERLINK(\\"http://evil\\", \\"x\\")", "permissions": [],
                 "owner": {"type": "service", "id": "table"}, "lifetime": "P1D"}
                """);
    IssuedKey outside = issued(keyledger, "table", "P4D");
    List<String> lines = table(atLeast(keyledger, outside), path).lines().toList();
    assertThat(lines)
        .containsExactly(
            HEADINGS,
            row(keyledger, sooner, "\"'=HYPERLINK(\"\"http://evil\"\", \"\"x\"\")\""),
            row(keyledger, later, "Listed"));
    Client forJson = keyledger.root().header("Accept", "application/json");
    assertThat(forJson.get(path).status()).isEqualTo(406);
    Client forText = keyledger.root().header("Accept", "text/*;q=0.5");
    assertThat(table(forText, path).lines()).hasSizeGreaterThanOrEqualTo(lines.size());
  }

  private static String row(KeyledgerProcess keyledger, IssuedKey key, String name) {
    JsonNode read = keyledger.issuer().read(key);
    return "%s,%s,service,table,live,active,%s,%s,,"
        .formatted(
            key.id(),
            name,
            read.path("expiresAt").asString(),
            read.path("renewableUntil").asString());
  }

  @Test
  void theTableEndsAtItsMaximum(KeyledgerProcess keyledger) {
    Client root = keyledger.root();
    String last = "";
    for (int part = 0; part < 11; part++) {
      Answer imported =
          root.post("/v1/keys/import", expiringLater(part * 1_000, part < 10 ? 1_000 : 1));
      assertThat(imported.status()).as(imported.text()).isEqualTo(200);
      last = imported.header("Keyledger-Position");
    }
    Client reader = root.header("Keyledger-At-Least", last).header("Keyledger-Wait", "PT10S");
    List<String> lines = table(reader, "/v1/keys/expiring.csv?owner=user:many").lines().toList();
    assertThat(lines).hasSize(1 + 10_000);
    assertThat(lines.get(1)).contains(",Key 0,");
    assertThat(lines.getLast()).contains(",Key 9999,");
  }

  private static String expiringLater(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i ->
            """
            {"name": "Key %d", "owner": {"type": "user", "id": "many"}, "permissions": [],
             "secretSha256": "ca11%060x", "lifetime": "P%dDT%dS"}\
            """
                .formatted(i, i, 1, i))
        .collect(Collectors.joining(",", "{\"keys\": [", "]}"));
  }

  private static String table(Client client, String path) {
    Answer answer = client.get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("text/csv;charset=UTF-8");
    return answer.text();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/keys?limit=0",
        "/v1/keys?limit=201",
        "/v1/keys?limit=1e2",
        "/v1/keys?limit=",
        "/v1/keys?limit=1&limit=1",
        "/v1/keys?color=red",
        "/v1/keys?owner=42",
        "/v1/keys?owner=team:42",
        "/v1/keys?owner=user:",
        "/v1/keys?status=good",
        "/v1/keys?permission=read*",
        "/v1/keys?environment=prod",
        "/v1/keys?issuedBy=somebody",
        "/v1/keys?issuedBy=operator:",
        "/v1/keys?expiresBefore=tomorrow",
        "/v1/keys?unusedSince=yesterday",
        "/v1/keys?q=%00",
        "/v1/keys?cursor=AAAA",
        "/v1/keys/expiring?within=P1M",
        "/v1/keys/expiring?within=-P1D",
        "/v1/keys/expiring?within=P999999999999999999D",
        "/v1/keys/expiring?status=active",
        "/v1/keys/expiring.csv?within=P1M",
        "/v1/keys/expiring.csv?owner=42",
        "/v1/keys/expiring.csv?limit=1",
        "/v1/audit?keyId=42",
        "/v1/audit?type=KeyUpdated",
        "/v1/audit?order=up",
        "/v1/audit?from=2026-01-01",
        "/v1/audit?actor=:",
      })
  void aMalformedRequestIsRefused(String path, KeyledgerProcess keyledger) {
    Answer answer = keyledger.root().get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.body().path("code").asString()).isEqualTo("bad-request");
  }

  @Test
  void limitsAreAcceptedAtTheirMaximum(KeyledgerProcess keyledger) {
    ok(keyledger.root().get("/v1/keys?limit=200&q=" + "x".repeat(255)));
    assertThat(keyledger.root().get("/v1/keys?q=" + "x".repeat(256)).status()).isEqualTo(400);
    ok(keyledger.root().get("/v1/keys/expiring?within=P99999999999999D"));
    ok(keyledger.root().get("/v1/audit?from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z"));
  }

  @Test
  void aCursorIsGoodForTheListAndTheFiltersItCameWith(KeyledgerProcess keyledger) {
    issued(keyledger, "cursor", "PT1H");
    IssuedKey last = issued(keyledger, "cursor", "PT1H");
    Client client = atLeast(keyledger, last);
    String cursor =
        ok(client.get("/v1/keys?owner=service:cursor&limit=1")).path("nextCursor").asString();

    ok(client.get("/v1/keys?owner=service:cursor&limit=2&cursor=" + cursor));
    for (String path :
        List.of(
            "/v1/keys?cursor=" + cursor,
            "/v1/keys?owner=service:other&cursor=" + cursor,
            "/v1/keys?owner=service:cursor&status=active&cursor=" + cursor,
            "/v1/keys?owner=service:cursor&cursor=" + cursor + "A",
            "/v1/keys?owner=service:cursor&cursor=A" + cursor.substring(1),
            "/v1/audit?owner=service:cursor&cursor=" + cursor)) {
      assertThat(client.get(path).status()).as(path).isEqualTo(400);
    }
  }

  @Test
  void theValuesOfARepeatedFilterAreAlternatives(KeyledgerProcess keyledger) {
    IssuedKey one = issued(keyledger, "alternative.1", "P30D");
    IssuedKey other = issued(keyledger, "alternative.2", "P31D");
    Issuer issuer = keyledger.issuer();
    issuer.done(other, "suspend", "{}");
    Client client = atLeast(keyledger, other);
    String both = "owner=service:alternative.1&owner=service:alternative.2";
    assertThat(ids(ok(client.get("/v1/keys?" + both)))).containsExactly(other.id(), one.id());
    assertThat(ids(ok(client.get("/v1/keys/expiring?within=P40D&" + both))))
        .containsExactly(one.id(), other.id());
    assertThat(ids(ok(client.get("/v1/keys?status=active&status=revoked&" + both))))
        .doesNotContain(other.id());
    assertThat(ids(ok(client.get("/v1/keys?permission=x&permission=read:users&" + both))))
        .contains(one.id());
    String audit = "/v1/audit?type=KeyIssued&type=KeyRevoked&" + both;
    assertThat(ok(client.get(audit)).path("data")).hasSize(2);
    for (String wrong : List.of("owner=service:a&owner=", "q=a&q=b", "owner=service:a&owner=x")) {
      assertThat(client.get("/v1/keys?" + wrong).status()).as(wrong).isEqualTo(400);
    }
    String most = "&status=active".repeat(20).substring(1);
    assertThat(client.get("/v1/keys?" + most).status()).isEqualTo(200);
    assertThat(client.get("/v1/keys?status=active&" + most).status()).isEqualTo(400);
  }

  @Test
  void anUnauthorizedCallerIsRefusedBeforeMalformedParameters(KeyledgerProcess keyledger) {
    for (String list :
        List.of("/v1/keys", "/v1/keys/expiring", "/v1/keys/expiring.csv", "/v1/audit")) {
      assertThat(keyledger.client().get(list).status()).as(list).isEqualTo(401);
      assertThat(keyledger.client().get(list + "?limit=x").status()).as(list).isEqualTo(401);
      assertThat(keyledger.root().get(list + "?limit=x").status()).as(list).isEqualTo(400);
      assertThat(keyledger.root().header("Keyledger-Workspace", "nowhere").get(list).status())
          .as(list)
          .isEqualTo(404);
      assertThat(keyledger.root().header("Keyledger-At-Least", "x".repeat(32)).get(list).status())
          .as(list)
          .isEqualTo(400);
    }
  }

  private static IssuedKey issued(KeyledgerProcess keyledger, String owner, String lifetime) {
    return new Issuer(keyledger.root())
        .issuedFrom(
            """
            {"name": "Listed", "owner": {"type": "service", "id": "%s"},
             "permissions": ["read:users"], "lifetime": "%s"}
            """
                .formatted(owner, lifetime));
  }

  private static Client atLeast(KeyledgerProcess keyledger, IssuedKey key) {
    return keyledger.root().header("Keyledger-At-Least", key.answer().header("Keyledger-Position"));
  }

  private static List<String> ids(JsonNode page) {
    return page.path("data").values().stream().map(key -> key.path("keyId").asString()).toList();
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }
}
