package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.checking.http.Node.Issued;
import dev.keyledger.checking.http.Node.KeySpec;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

class IntrospectionTest {
  private static final String INACTIVE = "{\"active\":false}";

  private final Node node = new Node();

  @Test
  void anActiveTokenIsDescribed() {
    Instant end = node.now.plus(Duration.ofDays(1)).plusMillis(999);
    Issued key = node.issue(KeySpec.USUAL.holding("read:users", "write:*").until(end));

    ResponseEntity<byte[]> answer = node.introspect(root("token=" + key.secret()));

    assertThat(answer.getStatusCode().value()).isEqualTo(200);
    assertThat(answer.getHeaders().getCacheControl()).isEqualTo("no-store");
    assertThat(text(answer))
        .isEqualTo(
            "{\"active\":true,\"scope\":\"read:users write:*\",\"client_id\":\"%s\","
                    .formatted(key.id())
                + "\"sub\":\"app:billing\",\"token_type\":\"Bearer\",\"iat\":%d,\"exp\":%d}"
                    .formatted(Node.START.plusSeconds(1).getEpochSecond(), end.getEpochSecond()));
  }

  @Test
  void aTokenIsInactiveAtTheVeryInstantOfItsExpiry() {
    Issued key = node.issue(KeySpec.USUAL.until(node.now.plusSeconds(1)));

    assertThat(introspected(key.secret())).contains("\"active\":true");
    node.now = node.now.plusSeconds(1);
    assertThat(introspected(key.secret())).isEqualTo(INACTIVE);
  }

  @Test
  void whateverVerifyWouldRefuseIsInactive() {
    String revoked = revoked(KeySpec.USUAL.fromAddresses("192.0.2.1/32"));
    assertThat(introspected(revoked)).isEqualTo(INACTIVE);
    assertThat(introspected(node.issue(KeySpec.USUAL.until(node.now)).secret()))
        .isEqualTo(INACTIVE);
    assertThat(introspected(node.issue(KeySpec.USUAL.in("other")).secret())).isEqualTo(INACTIVE);
    assertThat(introspected(Node.unknownSecret())).isEqualTo(INACTIVE);
    assertThat(introspected(Node.ROOT_KEY)).isEqualTo(INACTIVE);
    assertThat(introspected("%00")).isEqualTo(INACTIVE);
  }

  private String revoked(KeySpec spec) {
    Issued key = node.issue(spec);
    node.add(key.id(), new KeyRevoked(RevocationReason.LEAKED));
    return key.secret();
  }

  @Test
  void theEnvironmentCountsIfItIsNamed() {
    String test = node.issue(KeySpec.USUAL.of(Environment.TEST)).secret();

    assertThat(introspected(test)).contains("\"active\":true");
    assertThat(introspected(test + "&environment=test")).contains("\"active\":true");
    assertThat(introspected(test + "&environment=any")).contains("\"active\":true");
    assertThat(introspected(test + "&environment=live")).isEqualTo(INACTIVE);
  }

  @Test
  void theIpListCountsIfAnAddressIsNamed() {
    String restricted = node.issue(KeySpec.USUAL.fromAddresses("192.0.2.1/32")).secret();

    assertThat(introspected(restricted)).contains("\"active\":true");
    assertThat(introspected(restricted + "&ip=192.0.2.1")).contains("\"active\":true");
    assertThat(introspected(restricted + "&ip=192.0.2.1%3A443")).contains("\"active\":true");
    assertThat(introspected(restricted + "&ip=192.0.2.2")).isEqualTo(INACTIVE);
  }

  @Test
  void theScopeThatIsAskedForIsAnsweredAsFarAsItIsHeld() {
    String key = node.issue(KeySpec.USUAL.holding("read:*", "write:users")).secret();

    assertThat(introspected(key)).contains("\"scope\":\"read:* write:users\"");
    assertThat(introspected(key + "&scope=read:users+write:orders+write:users"))
        .contains("\"active\":true", "\"scope\":\"read:users write:users\"");
    assertThat(introspected(key + "&scope=own:users"))
        .contains("\"active\":true", "\"scope\":\"\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "environment=prod",
        "environment=live&environment=live",
        "ip=localhost",
        "ip=192.0.2.1&ip=192.0.2.1",
        "scope=read:*",
        "scope=read:users++write:users",
        "scope=read:users&scope=read:users"
      })
  void aConditionThatCannotBeReadIsAnInvalidRequest(String field) {
    ResponseEntity<byte[]> answer = node.introspect(root(field + "&token=x"));

    assertThat(answer.getStatusCode().value()).isEqualTo(400);
    assertThat(text(answer)).startsWith("{\"error\":\"invalid_request\",");
  }

  @Test
  void aHundredPermissionsCanBeAskedFor() {
    String hundred = String.join("+", Collections.nCopies(100, "read:users"));

    assertThat(introspected("x&scope=" + hundred)).isEqualTo(INACTIVE);
    assertThat(introspected("x&scope=" + hundred + "+read:users")).contains("invalid_request");
  }

  @Test
  void theCredentialMayBeInTheForm() {
    String client = "&client_id=" + Node.NAMED_ID + "&client_secret=";

    assertThat(statusOf(anybody("token=x" + client + Node.NAMED))).isEqualTo(200);
    assertThat(statusOf(anybody("token=x&client_id=root&client_secret=" + Node.ROOT_KEY)))
        .isEqualTo(200);
    assertThat(statusOf(anybody("token=x" + client + Node.ROOT_KEY))).isEqualTo(401);
    assertThat(statusOf(anybody("token=x" + client + "x"))).isEqualTo(401);
    assertThat(statusOf(anybody("token=x" + client))).isEqualTo(401);
    assertThat(statusOf(anybody("token=x&client_secret=" + Node.NAMED))).isEqualTo(400);
    assertThat(statusOf(root("token=x" + client + Node.NAMED))).isEqualTo(400);
    assertThat(statusOf(root("token=x&client_id=anybody"))).isEqualTo(200);
    assertThat(challenge(anybody("token=x" + client + "x"))).isEqualTo("Bearer");
  }

  @Test
  void aFieldThatIsNotKnownIsIgnored() {
    String form = "token_type_hint=x&a=1&a=2&b&=c&token=" + Node.unknownSecret() + "&";

    assertThat(text(node.introspect(root(form)))).isEqualTo(INACTIVE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "token", "token=", "tokens=a", "token=a&token=a", "token=%", "%=a&token=a"})
  void aFormWithoutOneTokenIsAnInvalidRequest(String form) {
    ResponseEntity<byte[]> answer = node.introspect(root(form));

    assertThat(answer.getStatusCode().value()).isEqualTo(400);
    assertThat(text(answer)).startsWith("{\"error\":\"invalid_request\",");
  }

  @Test
  void basicWantsTheNameThatTheSecretBelongsTo() {
    assertThat(statusOf(basic(Node.NAMED_ID + ":" + Node.NAMED))).isEqualTo(200);
    assertThat(statusOf(basic("root:" + Node.ROOT_KEY))).isEqualTo(200);
    assertThat(statusOf(basic(Node.NAMED_ID + ":" + Node.ROOT_KEY))).isEqualTo(401);
    assertThat(statusOf(basic("root:" + Node.NAMED))).isEqualTo(401);
    assertThat(statusOf(basic(":" + Node.NAMED))).isEqualTo(401);
    assertThat(statusOf(basic(Node.NAMED))).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic", "Basic ", "Basic x=y", "Basic bm9uZQ==", "basic !", "Digest x"})
  void aCredentialThatCannotBeReadIsNone(String authorization) {
    ResponseEntity<byte[]> answer =
        node.introspect(anybody("token=x").with("Authorization", authorization));

    assertThat(answer.getStatusCode().value()).isEqualTo(401);
    assertThat(text(answer)).startsWith("{\"error\":\"invalid_client\",");
  }

  @Test
  void theRefusalNamesTheSchemeThatWasTried() {
    assertThat(challenge(anybody("token=x"))).isEqualTo("Bearer");
    assertThat(challenge(anybody("token=x").bearer("x"))).isEqualTo("Bearer");
    assertThat(challenge(basic("root:x"))).isEqualTo("Basic realm=\"keyledger\"");
  }

  @Test
  void aCallerWithoutVerifyHasInsufficientScope() {
    ResponseEntity<byte[]> answer = node.introspect(anybody("token=x").bearer(Node.READER));

    assertThat(answer.getStatusCode().value()).isEqualTo(403);
    assertThat(answer.getHeaders().getFirst(HttpHeaders.WWW_AUTHENTICATE))
        .isEqualTo("Bearer error=\"insufficient_scope\"");
  }

  @Test
  void aNodeThatHasLostTheLogRefuses() {
    node.sinceContact = Duration.ofMinutes(1).plusMillis(1);

    assertThatThrownBy(() -> node.introspect(root("token=x")))
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.STALE));
  }

  @Test
  void twoCredentialsAreRefused() {
    assertThat(statusOf(root("token=x").with("X-API-Key", "y"))).isEqualTo(400);
    assertThat(statusOf(root("token=x").bearer("y"))).isEqualTo(400);
    assertThat(statusOf(basic("root:" + Node.ROOT_KEY).with("X-API-Key", "y"))).isEqualTo(400);
  }

  private String introspected(String token) {
    return text(node.introspect(root("token=" + token)));
  }

  private int statusOf(SentRequest request) {
    return node.introspect(request).getStatusCode().value();
  }

  private String challenge(SentRequest request) {
    return Objects.requireNonNull(
        node.introspect(request).getHeaders().getFirst(HttpHeaders.WWW_AUTHENTICATE));
  }

  private static SentRequest root(String form) {
    return anybody(form).bearer(Node.ROOT_KEY);
  }

  private static SentRequest basic(String pair) {
    return anybody("token=x")
        .with("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  private static SentRequest anybody(String form) {
    return new SentRequest("POST", "/oauth2/introspect")
        .with("Content-Type", "application/x-www-form-urlencoded")
        .body(form.getBytes(UTF_8));
  }

  private static String text(ResponseEntity<byte[]> answer) {
    return new String(Objects.requireNonNull(answer.getBody()), UTF_8);
  }
}
