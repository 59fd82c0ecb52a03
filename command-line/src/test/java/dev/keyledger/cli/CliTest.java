package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.cli.FakeService.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests, output and exit codes of commands. */
class CliTest {
  private final FakeService service = new FakeService();

  @TempDir private Path directory;
  private Sandbox sandbox;

  @BeforeEach
  void configure() {
    sandbox = new Sandbox(directory);
    sandbox.environment.put("KEYLEDGER_URL", service.url());
    sandbox.environment.put("KEYLEDGER_KEY", "kl_live_credential");
  }

  @AfterEach
  void close() {
    service.close();
  }

  @ParameterizedTest
  @CsvSource({
    "400, bad-request, 7",
    "401, unauthorized, 3",
    "403, permission-ceiling, 4",
    "404, not-found, 5",
    "409, key-revoked, 6",
    "412, version-mismatch, 6",
    "422, invalid-field, 7",
    "500, internal-error, 11",
  })
  void eachKindOfFailureHasItsExitCode(int status, String code, int exitCode) {
    service.answers = request -> FakeService.problem(status, code);
    assertThat(sandbox.run("keys", "show", "key_1")).isEqualTo(exitCode);
    assertThat(sandbox.out()).isEmpty();
    assertThat(sandbox.err()).contains("/problems/" + code);

    assertThat(sandbox.run("keys", "show", "key_1", "--json")).isEqualTo(exitCode);
    assertThat(sandbox.out()).isEmpty();
    assertThat(sandbox.err()).startsWith("{\"exitCode\":" + exitCode + ",").hasLineCount(1);
  }

  @Test
  void aRetryableFailureIsRetriedAndThenHasItsExitCode() {
    service.answers = request -> FakeService.problem(429, "rate-limited");
    assertThat(sandbox.run("keys", "show", "key_1")).isEqualTo(8);
    service.answers = request -> FakeService.problem(503, "stale");
    assertThat(sandbox.run("keys", "show", "key_1")).isEqualTo(9);
    service.answers = request -> new Answer(200, "text/html", "<html>");
    assertThat(sandbox.run("keys", "show", "key_1")).isEqualTo(11);
    service.close();
    assertThat(sandbox.run("keys", "show", "key_1")).isEqualTo(9);
  }

  @Test
  void aCommandWithAnUnknownOutcomeCanBeRepeated() {
    service.answers = request -> new Answer(0, "", "");
    assertThat(sandbox.run("keys", "suspend", "key_1")).isEqualTo(10);
    assertThat(sandbox.err()).containsPattern("--idempotency-key [-0-9a-f]{36}:");
    assertThat(sandbox.run("keys", "suspend", "key_1", "--json")).isEqualTo(10);
    assertThat(sandbox.err()).contains("\"idempotencyKey\":\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keys",
        "keys frobnicate",
        "keys show",
        "keys show key_1 key_2",
        "keys issue Billing",
        "keys issue Billing --owner billing",
        "keys issue Billing --owner app:billing --lifetime 1d --expires-at 2027-01-01T00:00:00Z",
        "keys renew key_1 --lifetime soon",
        "keys revoke",
        "keys revoke key_1 --owner app:billing",
        "keys revoke key_1 --because because",
        "keys revoke key_1 --cascade --at 2027-01-01T00:00:00Z",
        "keys rotate key_1 --lifetime never",
        "keys list --limit 0",
        "keys list --profile nowhere",
        "keys list --url ftp://localhost",
        "keys verify --environment production",
        "keys list 0123456789abcdef0123456789abcdef",
        "completion powershell",
        "config use nowhere",
        "webhooks deliveries",
        "webhooks redeliver hook_1",
      })
  void wrongArgumentsSendNothing(String arguments) {
    assertThat(sandbox.run(arguments.split(" "))).isEqualTo(2);
    assertThat(sandbox.err()).hasLineCount(1).doesNotContain("\tat ");
    assertThat(sandbox.out()).isEmpty();
    assertThat(service.requests).isEmpty();
  }

  @Test
  void fieldsThatTheServiceRefusesAreNamed() {
    service.answers = request -> FakeService.problem(422, "invalid-field");
    assertThat(sandbox.run("keys", "issue", "x", "--owner", "app:x")).isEqualTo(7);
    assertThat(sandbox.err()).contains("  name: must be so");
  }

  @Test
  void withoutACredentialNothingIsSent() {
    sandbox.environment.remove("KEYLEDGER_KEY");
    assertThat(sandbox.run("keys", "list")).isEqualTo(3);
    assertThat(sandbox.err()).contains("There is no credential for " + service.url(), "init");
    assertThat(service.requests).isEmpty();
  }

  @Test
  void aNewSecretIsAloneOnStandardOutput() {
    service.answers = request -> FakeService.json(FakeService.ISSUED);
    assertThat(sandbox.run("keys", "issue", "Nightly export", "--owner", "service:billing"))
        .isZero();
    assertThat(sandbox.out()).isEqualToIgnoringNewLines(FakeService.SECRET);
    assertThat(sandbox.err()).contains("key_1").doesNotContain(FakeService.SECRET);

    assertThat(sandbox.run("keys", "issue", "x", "--owner", "service:billing", "--json")).isZero();
    assertThat(sandbox.out())
        .startsWith("{\"keyId\":\"key_1\"")
        .contains("\"secret\":\"" + FakeService.SECRET + "\"");
  }

  @Test
  void aNewSecretCanGoToAFileOfItsOwnerOnly() throws IOException {
    service.answers = request -> FakeService.json(FakeService.ISSUED);
    String[] issue = {"keys", "issue", "x", "--owner", "app:x", "--output", "secret"};
    assertThat(sandbox.run(issue)).isZero();
    Path file = directory.resolve("secret");
    assertThat(Files.readString(file)).isEqualTo(FakeService.SECRET + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(sandbox.out() + sandbox.err()).doesNotContain(FakeService.SECRET);

    assertThat(sandbox.run(issue)).isEqualTo(12);
    assertThat(sandbox.err()).contains("exists");
    assertThat(service.requests).hasSize(1);
  }

  @Test
  void aFileForASecretThatWasNotMadeIsRemoved() {
    service.answers = request -> FakeService.problem(409, "quota-exceeded");
    assertThat(sandbox.run("keys", "rotate", "key_1", "--output", "secret")).isEqualTo(6);
    service.answers = request -> FakeService.json(FakeService.KEY);
    assertThat(sandbox.run("keys", "rotate", "key_1", "--output", "secret")).isZero();
    assertThat(directory.resolve("secret")).doesNotExist();
  }

  @Test
  void allOptionsOfACommandAreSent() {
    service.answers = request -> FakeService.json(FakeService.ISSUED);
    assertThat(
            sandbox.run(
                "keys",
                "issue",
                "x",
                "--owner",
                "user:7",
                "--permission",
                "read:a",
                "--permission",
                "write:*",
                "--lifetime",
                "never",
                "--environment",
                "test",
                "--not-before",
                "2027-03-01T00:00:00Z",
                "--ip",
                "203.0.113.0/24",
                "--metadata",
                "team=payments",
                "--secret-sha256",
                "ab".repeat(32),
                "--reason",
                "asked"))
        .isZero();
    assertThat(service.bodies.getFirst().replaceFirst("\"owner\":\\{[^}]*},", ""))
        .isEqualTo(
            "{\"reason\":\"asked\",\"name\":\"x\","
                + "\"permissions\":[\"read:a\",\"write:*\"],\"ipAllowList\":[\"203.0.113.0/24\"],"
                + "\"lifetime\":\"never\",\"environment\":\"test\","
                + "\"notBefore\":\"2027-03-01T00:00:00Z\",\"metadata\":{\"team\":\"payments\"},"
                + "\"secretSha256\":\""
                + "ab".repeat(32)
                + "\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keys renew key_1",
        "keys rotate key_1",
        "keys retire-secret key_1",
        "keys suspend key_1",
        "keys resume key_1",
        "keys revoke key_1",
      })
  void aDryRunOnlyReads(String command) {
    service.answers = request -> FakeService.json(FakeService.KEY);
    assertThat(sandbox.run((command + " --dry-run").split(" "))).isZero();
    assertThat(service.requests).containsExactly("GET /v1/keys/key_1");
    assertThat(sandbox.err()).startsWith("Nothing is done. Without --dry-run, this would ");
    assertThat(sandbox.out()).contains("key_1");

    assertThat(sandbox.run(command.split(" "))).isZero();
    assertThat(service.requests).hasSize(2).last().asString().startsWith("POST /v1/keys/key_1/");
  }

  @Test
  void aDryRunOfACascadeFindsWhatDescends() {
    String child = FakeService.KEY.replace("key_1", "key_2");
    String grandchild = FakeService.KEY.replace("key_1", "key_3");
    service.answers =
        request ->
            FakeService.json(
                request.equals("GET /v1/keys/key_1")
                    ? FakeService.KEY
                    : "{\"data\":["
                        + (request.contains("key_1")
                            ? child
                            : request.contains("key_2") ? grandchild : "")
                        + "]}");
    assertThat(sandbox.run("keys", "revoke", "key_1", "--cascade", "--dry-run")).isZero();
    assertThat(sandbox.out().lines().map(line -> line.replaceFirst(" .*", "")))
        .containsExactly("KEY", "key_1", "key_2", "key_3");
    assertThat(service.requests).allMatch(request -> request.startsWith("GET "));
  }

  @ParameterizedTest
  @CsvSource({
    "webhooks delete hook_1, GET /v1/webhooks/hook_1",
    "webhooks disable hook_1, GET /v1/webhooks/hook_1",
    "webhooks rotate-secret hook_1, GET /v1/webhooks/hook_1",
    "workspaces close team, GET /v1/workspaces/team",
    "'keys revoke --owner app:x',"
        + " 'GET /v1/keys?owner=app%3Ax&status=active&status=expired&status=not-yet-active&status=suspended'",
  })
  void otherEndingCommandsHaveADryRun(String command, String request) {
    service.answers =
        sent ->
            FakeService.json(
                sent.contains("webhooks")
                    ? "{\"webhookId\":\"hook_1\",\"kind\":\"http\",\"enabled\":true,"
                        + "\"createdAt\":\"2027-01-01T00:00:00Z\"}"
                    : sent.contains("workspaces")
                        ? WORKSPACE
                        : "{\"data\":[" + FakeService.KEY + "]}");
    assertThat(sandbox.run((command + " --dry-run").split(" "))).isZero();
    assertThat(service.requests).containsExactly(request);
    assertThat(sandbox.err()).startsWith("Nothing is done.");
  }

  @Test
  void deliveriesAreListedAndRepeated() {
    service.answers =
        request ->
            FakeService.json(
                request.startsWith("POST") ? DELIVERY : "{\"data\":[" + DELIVERY + "]}");
    assertThat(sandbox.run("webhooks", "deliveries", "hook_1", "--status", "dead")).isZero();
    assertThat(sandbox.out().lines()).hasSize(2);
    assertThat(sandbox.out()).contains("dlv_1", "KeyRevoked", "key_1", "dead", "500");
    assertThat(sandbox.run("webhooks", "deliveries", "hook_1", "--json")).isZero();
    assertThat(sandbox.out()).isEqualToIgnoringNewLines("[" + DELIVERY + "]");

    assertThat(sandbox.run("webhooks", "redeliver", "hook_1", "dlv_1", "--reason", "it is back"))
        .isZero();
    assertThat(sandbox.out()).contains("dlv_1", "went wrong");
    assertThat(service.requests)
        .containsExactly(
            "GET /v1/webhooks/hook_1/deliveries?status=dead",
            "GET /v1/webhooks/hook_1/deliveries",
            "POST /v1/webhooks/hook_1/deliveries/dlv_1/redeliver");
    assertThat(service.bodies.getLast()).isEqualTo("{\"reason\":\"it is back\"}");
  }

  private static final String DELIVERY =
      """
      {"deliveryId":"dlv_1","type":"KeyRevoked","keyId":"key_1","position":7,"status":"dead",\
      "attempts":9,"responseStatus":500,"responseBody":"went wrong",\
      "createdAt":"2027-02-01T12:00:00Z"}\
      """;

  private static final String WORKSPACE =
      """
      {"workspace":"team","version":0,"policy":{"defaultLifetime":"PT2160H","maxLifetime":"PT8784H",\
      "allowNoExpiry":false,"renewalWindow":"PT720H","defaultOverlap":"PT24H","reminders":["PT24H"],\
      "maxKeys":1000000,"operatorsOutliveIssuer":false,"holderMay":[],"rotationQuiet":"PT1H"}}\
      """;

  @Test
  void aListEndsAtItsLimitAndSaysSo() {
    service.answers = request -> FakeService.json("{\"data\":[" + keys(3) + "]}");
    assertThat(sandbox.run("keys", "list", "--limit", "3")).isZero();
    assertThat(sandbox.out().lines()).hasSize(4);
    assertThat(sandbox.err()).isEmpty();
    assertThat(sandbox.run("keys", "list", "--limit", "2")).isZero();
    assertThat(sandbox.out().lines()).hasSize(3);
    assertThat(sandbox.err()).startsWith("There are more");
    assertThat(service.requests).containsExactly("GET /v1/keys?limit=4", "GET /v1/keys?limit=3");
    assertThat(sandbox.run("keys", "list", "--all", "--json")).isZero();
    assertThat(sandbox.out()).startsWith("[{\"keyId\":\"key_1\"").endsWith("}]\n");
  }

  private static String keys(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> FakeService.KEY)
        .collect(Collectors.joining(","));
  }

  @Test
  void aCheckReadsTheSecretFromStandardInputOrAFile() throws IOException {
    service.answers =
        request ->
            FakeService.json(
                "{\"valid\":false,\"code\":\"NOT_FOUND\",\"position\":4,"
                    + "\"asOf\":\"2027-02-01T12:00:00Z\"}");
    sandbox.input = FakeService.SECRET + "\n";
    assertThat(sandbox.run("keys", "verify", "--permission", "read:a")).isEqualTo(1);
    assertThat(sandbox.out()).contains("NOT_FOUND");
    Files.writeString(directory.resolve("secret"), FakeService.SECRET);
    sandbox.input = "";
    assertThat(sandbox.run("keys", "verify", "--secret-file", "secret", "--json")).isEqualTo(1);
    assertThat(sandbox.out())
        .isEqualToIgnoringNewLines(
            "{\"valid\":false,\"code\":\"NOT_FOUND\",\"missingPermissions\":[],\"position\":4,"
                + "\"asOf\":\"2027-02-01T12:00:00Z\"}");
    assertThat(service.bodies.getFirst())
        .contains("\"key\":\"" + FakeService.SECRET, "\"allOf\":[\"read:a\"]");
    assertThat(service.bodies.getLast()).isEqualTo("{\"key\":\"" + FakeService.SECRET + "\"}");

    assertThat(sandbox.run("keys", "verify")).isEqualTo(2);
    assertThat(sandbox.err()).contains("There is no secret in standard input");
  }

  @Test
  void standardInputHoldsOneSecretOnly() {
    sandbox.input = "kl_live_credential";
    assertThat(sandbox.run("keys", "verify", "--key-file", "-")).isEqualTo(2);
    assertThat(sandbox.err()).contains("one secret only");
    assertThat(service.requests).isEmpty();
  }

  @Test
  void aSecretHas4096CharactersAtMost() {
    service.answers = request -> FakeService.json("{\"data\":[]}");
    sandbox.input = "~".repeat(4096) + "\r\n";
    assertThat(sandbox.run("keys", "list", "--key-file", "-")).isZero();
    sandbox.input = "~".repeat(4097);
    assertThat(sandbox.run("keys", "list", "--key-file", "-")).isEqualTo(2);
    sandbox.input = "~".repeat(4099);
    assertThat(sandbox.run("keys", "list", "--key-file", "-")).isEqualTo(2);
    sandbox.input = "a b";
    assertThat(sandbox.run("keys", "list", "--key-file", "-")).isEqualTo(2);
    assertThat(service.requests).hasSize(1);
  }

  @Test
  void anExportThatIsCutOffIsNoSuccess() {
    String event = "{\"type\":\"dev.keyledger.KeyIssued\"}\n";
    String trailer = "{\"type\":\"dev.keyledger.ExportTrailer\"}\n";
    service.answers = request -> new Answer(200, "application/x-ndjson", event + trailer);
    assertThat(sandbox.run("export", "--after", "7")).isZero();
    assertThat(sandbox.out()).isEqualTo(event + trailer);
    assertThat(service.requests).containsExactly("GET /v1/audit/export?after=7");
    assertThat(sandbox.run("export", "--output", "export")).isZero();
    assertThat(directory.resolve("export")).hasContent(event + trailer);

    service.answers = request -> new Answer(200, "application/x-ndjson", event);
    assertThat(sandbox.run("export", "--output", "cut")).isEqualTo(11);
    assertThat(directory.resolve("cut")).doesNotExist();
    assertThat(sandbox.run("export")).isEqualTo(11);
    assertThat(sandbox.err()).contains("cut off");
  }

  @Test
  void aFeedThatEndsIsResumed() {
    service.answers =
        request ->
            new Answer(
                200,
                "text/event-stream",
                feed(service.requests.size())
                    + (service.requests.size() == 1
                        ? "event: end\ndata: {\"code\":\"node-stops\"}\n\n"
                        : ""));
    assertThat(sandbox.run("feed", "--count", "2", "--type", "KeyRevoked")).isZero();
    assertThat(sandbox.out().lines())
        .containsExactly(
            "2027-02-01T12:00:00Z  1  KeyRevoked  key_1",
            "2027-02-01T12:00:00Z  2  KeyRevoked  key_1");
    assertThat(sandbox.err()).contains("node-stops", "trying again");
    assertThat(service.lastEventIds).containsExactly("token-1");

    service.close();
    assertThat(sandbox.run("feed")).isEqualTo(9);
  }

  private static String feed(int position) {
    return """
    id: token-%1$d
    event: KeyRevoked
    data: {"position":%1$d,"time":"2027-02-01T12:00:00Z","type":"KeyRevoked","keyId":"key_1"}

    """
        .formatted(position);
  }

  @Test
  void profilesAreKeptWithoutShowingTheirKeys() {
    sandbox.input = "kl_live_other";
    assertThat(sandbox.run("config", "set", "there", "--url", "https://there", "--key-file", "-"))
        .isZero();
    assertThat(sandbox.run("config", "use", "there")).isZero();
    assertThat(sandbox.run("config", "list")).isZero();
    assertThat(sandbox.out().lines())
        .containsExactly(
            "PROFILE  USED  URL            WORKSPACE  KEY",
            "there    yes   https://there  -          yes");
    assertThat(sandbox.run("config", "list", "--json")).isZero();
    assertThat(sandbox.out())
        .isEqualToIgnoringNewLines(
            "[{\"profile\":\"there\",\"used\":true,\"url\":\"https://there\",\"hasKey\":true}]");
    assertThat(sandbox.run("config", "set", "there", "--url", "https://elsewhere")).isEqualTo(2);
    assertThat(sandbox.err()).contains("is for https://there");
    assertThat(sandbox.run("config", "remove", "there", "--dry-run")).isZero();
    assertThat(sandbox.run("config", "remove", "there")).isZero();
    assertThat(sandbox.run("config", "remove", "there")).isEqualTo(2);
    assertThat(sandbox.run("config", "path")).isZero();
    assertThat(sandbox.out())
        .isEqualToIgnoringNewLines(directory.resolve("home/.config/keyledger/config").toString());
  }

  @Test
  void initIssuesNothingWhereAProfileIs() {
    sandbox.run("config", "set", "default");
    assertThat(sandbox.run("init")).isEqualTo(2);
    assertThat(sandbox.err()).contains("There is a profile default", "--replace");
    assertThat(service.requests).isEmpty();
  }

  @Test
  void initIssuesNothingThatItCannotKeep() throws IOException {
    Files.writeString(directory.resolve("file"), "");
    sandbox.environment.put("KEYLEDGER_CONFIG", "file/config");
    assertThat(sandbox.run("init")).isEqualTo(12);
    assertThat(service.requests).isEmpty();
  }

  @Test
  void initSetsAPolicyWhereNoneWasSet() {
    service.answers =
        request ->
            FakeService.json(request.startsWith("POST /v1/keys") ? FakeService.ISSUED : WORKSPACE);
    assertThat(sandbox.run("init")).isZero();
    assertThat(service.requests)
        .containsExactly(
            "GET /v1/workspaces/default", "PATCH /v1/workspaces/default", "POST /v1/keys");
    service.answers =
        request ->
            FakeService.json(
                request.startsWith("POST /v1/keys")
                    ? FakeService.ISSUED
                    : WORKSPACE.replace("\"version\":0", "\"version\":1"));
    service.requests.clear();
    assertThat(sandbox.run("init", "--profile", "second")).isZero();
    assertThat(service.requests).containsExactly("GET /v1/workspaces/default", "POST /v1/keys");
    service.requests.clear();
    assertThat(sandbox.run("init", "--profile", "third", "--max-lifetime", "30d")).isZero();
    assertThat(service.requests)
        .containsExactly(
            "GET /v1/workspaces/default", "PATCH /v1/workspaces/default", "POST /v1/keys");
    assertThat(sandbox.out() + sandbox.err()).doesNotContain(FakeService.SECRET);
  }

  @Test
  void helpIsOnStandardOutputAndListsTheExitCodes() {
    assertThat(sandbox.run("keys", "--help")).isZero();
    assertThat(sandbox.out())
        .contains("issue", "rotate", "Exit codes:", "the command may or may not");
    assertThat(sandbox.run("keys", "issue", "--help")).isZero();
    assertThat(sandbox.out()).contains("--owner=TYPE:ID", "--json", "--key-file=FILE");
    assertThat(Cli.commands())
        .containsEntry(
            "feed", "Prints what happens in the workspace, as it happens; Ctrl-C ends it");
  }

  @ParameterizedTest
  @CsvSource({
    "bash, complete -F _complete_keyledger",
    "zsh, bashcompinit",
    "fish, __keyledger_exactly"
  })
  void shellsCanComplete(String shell, String part) {
    assertThat(sandbox.run("completion", shell)).isZero();
    assertThat(sandbox.out()).contains(part, "issue", "secret-sha256", "not-yet-active");
  }

  @Test
  void fishCompletionsListEachOptionOnce() {
    sandbox.run("completion", "fish");
    assertThat(sandbox.out())
        .contains(
            "complete -c keyledger -n '__keyledger_exactly ' -a keys -d",
            "complete -c keyledger -n '__keyledger_exactly keys' -a revoke -d",
            "-n '__keyledger_within keys issue' -l output -r -F -d",
            "-n '__keyledger_within keys issue' -l environment -x -a 'live test' -d");
    assertThat(sandbox.out().lines().filter(line -> line.startsWith("complete")))
        .hasSizeGreaterThan(100)
        .doesNotHaveDuplicates();
  }
}
