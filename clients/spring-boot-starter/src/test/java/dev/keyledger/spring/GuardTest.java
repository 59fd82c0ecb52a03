package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.client.Owner;
import dev.keyledger.spring.test.AutoConfigureKeyledgerTest;
import dev.keyledger.spring.test.FakeKeyledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.http.HttpMethod;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

/** The guard of servlets, in a slice test. */
@WebMvcTest(
    controllers = {TestApplication.Users.class, TestApplication.Invoices.class},
    properties = "keyledger.authorities[ROLE_ADMIN]=admin:users")
@AutoConfigureKeyledgerTest
class GuardTest {
  private static final String UNAUTHORIZED =
      "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
          + "\"detail\":\"Send one key that is good here.\",\"code\":\"unauthorized\"}";

  @Autowired private MockMvcTester mvc;
  @Autowired private FakeKeyledger keyledger;

  @BeforeEach
  void reset() {
    keyledger.reset();
  }

  private MvcTestResult get(String path, String key) {
    return mvc.get().uri(path).header("X-API-Key", key).exchange();
  }

  private MvcTestResult post(String path, String key) {
    return mvc.post().uri(path).header("X-API-Key", key).exchange();
  }

  private static void assertUnauthorized(MvcTestResult answer) {
    assertThat(answer)
        .hasStatus(401)
        .hasContentType("application/problem+json")
        .hasHeader("WWW-Authenticate", "Bearer")
        .hasHeader("Cache-Control", "no-store");
    assertThat(answer).bodyText().isEqualTo(UNAUTHORIZED);
  }

  private static void assertForbidden(MvcTestResult answer, String challenge) {
    assertThat(answer)
        .hasStatus(403)
        .hasContentType("application/problem+json")
        .hasHeader("WWW-Authenticate", challenge);
    assertThat(answer).bodyText().contains("\"status\":403", "\"code\":\"forbidden\"");
  }

  private static void assertPassed(MvcTestResult answer, String body) {
    assertThat(answer).hasStatus(200).bodyText().isEqualTo(body);
  }

  @Test
  void everyRequestNeedsAGoodKey() {
    String key = keyledger.issue(Owner.user("42"));
    assertThat(get("/me", key)).hasStatus(200).bodyText().matches("key_fake\\d+ user:42");
    assertThat(mvc.get().uri("/me").header("Authorization", "Bearer " + key)).hasStatus(200);
    assertUnauthorized(mvc.get().uri("/me").exchange());
    assertUnauthorized(mvc.post().uri("/users").exchange());
    assertUnauthorized(mvc.get().uri("/nowhere").exchange());
    assertUnauthorized(mvc.get().uri("/error").exchange());
    assertUnauthorized(get("/me", "unknown"));
    keyledger.revoke(key);
    assertUnauthorized(get("/me", key));
  }

  @Test
  void theFirstPlaceThatIsNotEmptyDecides() {
    String key = keyledger.issue();
    assertThat(mvc.get().uri("/me").header("X-API-Key", key).header("Authorization", "Bearer x"))
        .hasStatus(200);
    assertThat(
            mvc.get().uri("/me").header("X-API-Key", "x").header("Authorization", "Bearer " + key))
        .hasStatus(401);
    assertThat(mvc.get().uri("/me").header("X-API-Key", key, "x")).hasStatus(401);
    assertThat(mvc.get().uri("/me").header("X-API-Key", key, key)).hasStatus(200);
  }

  @Test
  void aMethodRequiresPermissions() {
    assertPassed(get("/users", keyledger.issue("read:users")), "users");
    assertPassed(get("/users", keyledger.issue("read:*")), "users");
    assertForbidden(
        get("/users", keyledger.issue("read:groups", "write:*")),
        "Bearer error=\"insufficient_scope\", scope=\"read:users\"");
    assertUnauthorized(mvc.get().uri("/users").exchange());
  }

  @Test
  void someOfThePermissionsMayBeAlternatives() {
    assertPassed(get("/reports", keyledger.issue("read:reports", "see:some")), "reports");
    String challenge =
        "Bearer error=\"insufficient_scope\", scope=\"read:reports see:all see:some\"";
    assertForbidden(get("/reports", keyledger.issue("read:reports")), challenge);
    assertForbidden(get("/reports", keyledger.issue("see:all")), challenge);
  }

  @Test
  void thePermissionOfAMethodReplacesThatOfItsClass() {
    String reader = keyledger.issue("read:invoices");
    String writer = keyledger.issue("write:invoices");
    assertPassed(get("/invoices", reader), "invoices");
    assertThat(post("/invoices", reader)).hasStatus(403);
    assertPassed(post("/invoices", writer), "created");
    assertThat(get("/invoices", writer)).hasStatus(403);
  }

  @Test
  void expressionsAskForPermissions() {
    assertPassed(post("/users", keyledger.issue("write:users", "write:groups")), "created");
    assertPassed(post("/users", keyledger.issue("*")), "created");
    assertForbidden(
        post("/users", keyledger.issue("write:users")), "Bearer error=\"insufficient_scope\"");
  }

  @Test
  void permissionsAreAuthoritiesAndMayGiveRoles() {
    assertPassed(get("/admin", keyledger.issue("admin:*")), "admin");
    assertThat(get("/admin", keyledger.issue("admin:groups"))).hasStatus(403);
    assertPassed(get("/everything", keyledger.issue("read:*")), "everything");
    assertThat(get("/everything", keyledger.issue("read:users"))).hasStatus(403);
  }

  @Test
  void keysThatCannotBeCheckedAreRefused() {
    String key = keyledger.issue();
    keyledger.cutOff();
    MvcTestResult answer = get("/me", key);
    assertThat(answer)
        .hasStatus(503)
        .hasContentType("application/problem+json")
        .hasHeader("Retry-After", "1");
    assertThat(answer).bodyText().contains("\"status\":503", "\"code\":\"unavailable\"");
    assertUnauthorized(mvc.get().uri("/me").exchange());
  }

  @Test
  void browsersMayAskWhetherTheyMay() {
    assertThat(preFlight("/me"))
        .hasStatus(200)
        .hasHeader("Access-Control-Allow-Origin", "https://app.example");
    assertThat(preFlight("/users")).doesNotContainHeader("Access-Control-Allow-Origin");
    assertUnauthorized(mvc.method(HttpMethod.OPTIONS).uri("/me").exchange());
  }

  private MvcTestResult preFlight(String path) {
    return mvc.method(HttpMethod.OPTIONS)
        .uri(path)
        .header("Origin", "https://app.example")
        .header("Access-Control-Request-Method", "GET")
        .exchange();
  }
}
