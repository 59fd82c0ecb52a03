package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.button;
import static dev.keyledger.standalone.console.Browsing.exactly;
import static dev.keyledger.standalone.console.Browsing.loseNextAnswer;
import static dev.keyledger.standalone.console.Browsing.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.keyledger.standalone.console.Browsing.Signed;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Keys in the console, as operators handle them. */
@Tag("tools")
@Timeout(180)
@ExtendWith(SharedStandalone.class)
class ConsoleIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static Company company;

  @BeforeAll
  static void found(KeyledgerProcess keyledger) {
    company = Company.on(keyledger);
  }

  @Test
  void homeCountsWhatNeedsAttentionAndLeadsToIt(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/");

    assertThat(page.getByText("expire within 7 days")).isVisible();
    assertThat(page.locator("bar-chart svg")).hasCount(2);
    assertThat(page.getByText("up to date").first()).isVisible();
    page.getByText("expire within 7 days").click();
    assertThat(page).hasURL(Pattern.compile("#/keys\\?attention=expiring-7d$"));
    assertThat(page.locator("key-rows tbody tr").first()).containsText("in ");
  }

  @Test
  void keysAreFoundByWhatIsKnownOfThem(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Search for this one", "read:users");
    Page page = BROWSER.open(keyledger, company.root(), "/keys");

    for (String known : List.of("for this ONE", key.id(), lastFour(key))) {
      page.getByRole(AriaRole.SEARCHBOX).fill(known);
      assertThat(rows(page)).hasCount(1);
      assertThat(rows(page)).containsText("Search for this one");
    }
    assertThat(page).hasURL(Pattern.compile("#/keys\\?q=" + lastFour(key)));
  }

  @Test
  void filtersCombineAndStayInTheAddress(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/keys");
    page.getByText("Filters").click();
    page.getByLabel("expired", exactly()).check();
    page.getByLabel("Owner").fill("service:team-3");
    page.getByLabel("Owner").press("Enter");

    assertThat(page).hasURL(Pattern.compile("#/keys\\?status=expired&owner=service%3Ateam-3"));
    assertThat(rows(page).first()).containsText("team-3");
    var _ = page.reload();
    assertThat(rows(page).first()).containsText("expired");
    assertThat(page.getByLabel("expired", exactly())).isChecked();
  }

  @Test
  void theListLoadsInPiecesAndKeepsItsPlace(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/keys");
    assertThat(rows(page).first()).isVisible();
    assertThat(page.getByText("200 keys so far")).isVisible();
    var _ = page.evaluate("scrollTo(0, document.body.scrollHeight)");
    assertThat(page.getByText("400 keys so far")).isVisible();
    assertThat(page.locator("key-rows tbody tr").count()).isLessThan(150);

    page.locator("key-rows tbody tr a")
        .nth(50)
        .click(); // which scrolls, and other rows take their turn
    assertThat(page).hasURL(Pattern.compile("#/keys/key_"));
    assertThat(page.locator("key-page h1")).isVisible();
    String name = page.locator("key-page h1").textContent();
    var _ = page.goBack();
    assertThat(page.getByText("keys so far"))
        .not()
        .hasText("200 keys so far; the rest loads as you scroll");
    assertThat(page.getByRole(AriaRole.LINK, named(name))).isInViewport();
  }

  @Test
  void theListShowsWhatWasDoneSinceItWasLeft(KeyledgerProcess keyledger) {
    var _ = company.issued("Left and changed", "read:users");
    Page page = BROWSER.open(keyledger, company.root(), "/keys?q=Left+and&status=active");
    page.getByRole(AriaRole.LINK, named("Left and changed")).click();
    command(page, "Suspend", () -> {}, "Suspended.");
    var _ = page.goBack();
    assertThat(rows(page)).containsText("suspended");

    page.getByRole(AriaRole.LINK, named("Left and changed")).click();
    command(page, "Resume", () -> {}, "Resumed.");
    button(page, "Issue another like this").click();
    assertThat(field(page, "name")).hasValue("Left and changed");
    button(page, "Issue").click();
    button(page, "I have stored it").click();
    var _ = page.navigate(keyledger.uri() + "/console/#/keys?q=Left+and&status=active");
    assertThat(rows(page)).hasCount(2);
  }

  @Test
  void aKeyThatChangedAfterTheDryRunIsLeftAlone(KeyledgerProcess keyledger) {
    List<IssuedKey> keys =
        List.of(
            company.issued("Bulk one", "read:users"),
            company.issued("Bulk two", "read:users"),
            company.issued("Bulk three", "read:users"));
    Page page = BROWSER.open(keyledger, company.root(), "/keys?q=Bulk");
    page.getByLabel("Select all that are listed").check();
    button(page, "Revoke").click();
    field(page, "revocationReason").selectOption("no-longer-used");
    button(page, "See what will happen").click();
    assertThat(page.getByText("Nothing has been changed yet. 3 of 3 will change.")).isVisible();
    var _ = company.issuer().done(keys.get(1), "suspend", "{}");
    List<Route> held = holdAnswers(page, "**/revoke");
    button(page, "Revoke 3").click();
    page.waitForCondition(() -> held.size() == 3);
    page.keyboard().press("Escape");
    page.keyboard().press("Escape");
    for (Route route : held) {
      if (route.request().url().contains(keys.get(2).id())) {
        var _ = route.fetch();
        route.abort(); // its answer is lost
      } else {
        route.resume();
      }
    }

    assertThat(page.getByText("1 done. 1 left as they were")).containsText("1 not known");
    assertThat(page.locator("dialog[open] tr").filter(having("Bulk two")))
        .containsText("Left alone");
    assertThat(page.locator("dialog[open] tr").filter(having("Bulk three")))
        .containsText("Not known");
    page.unrouteAll();
    button(page, "Send those again").click();
    assertThat(page.getByText("2 done. 1 left as they were")).isVisible();
    assertThat(company.issuer().history(keys.get(2))).hasSize(2);
    assertThat(company.issuer().read(keys.get(0)).path("status").asString()).isEqualTo("revoked");
    assertThat(company.issuer().read(keys.get(1)).path("status").asString()).isEqualTo("suspended");
  }

  @Test
  void manyKeysAreRenewedAndTransferredAfterADryRun(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Move me", "read:users");
    IssuedKey dead = company.issued("Move me, too", "read:users");
    var _ = company.issuer().done(dead, "revoke", "{}");
    Page page = BROWSER.open(keyledger, company.root(), "/keys?q=Move+me");
    page.getByLabel("Select all that are listed").check();
    button(page, "Renew").click();
    field(page, "expiry").selectOption("P180D");
    button(page, "See what will happen").click();
    assertThat(page.getByText("1 of 2 will change")).isVisible();
    button(page, "Renew 1").click();
    assertThat(page.getByText("1 done. 1 left as they were")).isVisible();
    button(page, "Close").click();

    assertThat(button(page, "Renew")).isHidden(); // the list is read again, with nothing selected
    page.getByLabel("Select Move me", exactly()).check();
    button(page, "Transfer").click();
    field(page, "ownerId").fill("new-team");
    button(page, "See what will happen").click();
    button(page, "Transfer 1").click();
    assertThat(page.getByText("1 done.")).isVisible();
    assertThat(company.issuer().read(key).at("/owner/id").asString()).isEqualTo("new-team");
  }

  @Test
  void aNewSecretIsShownOnceAndCopiedWhole(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/issue");
    field(page, "name").fill("Nightly report");
    field(page, "ownerId").fill("reports");
    page.locator("#permission").fill("read:*");
    assertThat(page.getByText("Covers read:users")).isVisible();
    page.locator("#permission").press("Enter");
    page.getByText("Addresses, metadata, start, reason").click();
    field(page, "ipAllowList").fill("nonsense");
    button(page, "Issue").click();
    assertThat(page.getByText("nonsense is neither an address")).isVisible();
    field(page, "ipAllowList").fill("127.0.0.0/8");
    button(page, "Add an entry").click();
    page.getByLabel("Name 1", exactly()).fill("team");
    page.getByLabel("Value 1", exactly()).fill("data");
    loseNextAnswer(page, "**/v1/keys");
    button(page, "Issue").click();
    assertThat(page.locator("issue-page problem-notice")).containsText("cannot be reached");
    field(page, "name").fill("Edited meanwhile");
    button(page, "Issue").click();
    assertThat(page.locator("issue-page problem-notice")).containsText("another request");
    List<Route> held = holdAnswers(page, "**/v1/keys");
    button(page, "Get the answer to what was sent").click();
    page.waitForCondition(() -> held.size() == 1);
    page.getByRole(AriaRole.LINK, named("Audit")).click();
    assertThat(page.getByText("You can leave this page when")).isVisible();
    held.getFirst().resume();

    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("Store the secret of “Nightly report” now");
    page.keyboard().press("Escape");
    page.keyboard().press("Escape");
    assertThat(dialog).isVisible();
    var _ = page.evaluate("history.back()");
    assertThat(dialog).isVisible();
    button(page, "nginx").click();
    assertThat(dialog).containsText("auth_request");
    button(page, "Copy the secret").click();
    assertThat(button(page, "Copied")).isVisible();
    String secret = String.valueOf(page.evaluate("navigator.clipboard.readText()"));
    JsonNode decision =
        company
            .issuer()
            .verifiedWith(
                "\"key\": \"%s\", \"ip\": \"127.0.0.1\", \"workspace\": \"company\""
                    .formatted(secret));
    assertThat(decision.path("code").asString()).isEqualTo("VALID");
    assertThat(decision.at("/metadata/team").asString()).isEqualTo("data");
    assertThat(decision.path("permissions").path(0).asString()).isEqualTo("read:*");
    assertThat(company.client().get("/v1/keys?q=Nightly+report").body().path("data")).hasSize(1);
    button(page, "I have stored it").click();

    assertThat(page.getByRole(AriaRole.HEADING, named("Nightly report"))).isVisible();
    assertThat(
            page.content()
                + page.url()
                + page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})"))
        .doesNotContain(secret);
    page.locator("curl-log summary").click();
    assertThat(page.locator("curl-log pre").last()).containsText("-X POST");
    button(page, "Issue another like this").click();
    page.locator("#permission").fill("keyledger:keys:nonsense");
    assertThat(page.getByText("Keyledger has no such permission")).isVisible();
    page.locator("#permission").fill("");
    assertThat(field(page, "ownerId")).hasValue("reports");
    assertThat(field(page, "ipAllowList")).hasValue("127.0.0.0/8");
  }

  @Test
  void aRotationWhoseAnswerIsLostShowsItsSecretWhenItIsSentAgain(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Answer lost", "read:users");
    Page page = BROWSER.open(keyledger, company.root(), "/keys/" + key.id());
    loseNextAnswer(page, "**/rotate");
    rotateAtOnce(page);
    assertThat(page.locator("dialog[open]")).containsText("Keyledger cannot be reached");
    assertThat(company.codeOf(key.secret())).isEqualTo("ROTATED_OUT");
    button(page, "Cancel").click();
    rotateAtOnce(page);

    String secret = page.locator(".secret code").textContent();
    assertThat(company.codeOf(secret)).isEqualTo("VALID");
    assertThat(company.issuer().history(key))
        .filteredOn(event -> event.path("type").asString().equals("KeyRotated"))
        .hasSize(1);
    var _ = page.evaluate("location.hash = '#/audit'");
    assertThat(page).hasURL(Pattern.compile("#/keys/" + key.id()));
    assertThat(page.locator(".secret code")).isVisible();
    button(page, "I have stored it").click();
    assertThat(page.locator("command-receipt")).containsText("Rotated.");
  }

  private static void rotateAtOnce(Page page) {
    page.locator(".actions").getByText("Rotate").click();
    page.getByLabel("immediately").check();
    page.locator("dialog[open] button[type=submit]").click();
  }

  @Test
  void eachCommandIsDoneWhenItIsDone(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Commanded", "read:users");
    Page page = BROWSER.open(keyledger, company.root(), "/keys/" + key.id());
    String first = key.secret();

    command(page, "Renew", () -> field(page, "expiry").selectOption("P180D"), "Renewed.");
    command(page, "Suspend", () -> {}, "Suspended.");
    assertThat(page.locator("dl.facts").first()).containsText("suspended");
    command(page, "Resume", () -> {}, "Resumed.");
    command(
        page,
        "Permissions",
        () -> page.locator("#permission:visible").fill("write:users"),
        "The permissions are changed.");
    command(
        page,
        "Restrict",
        () -> field(page, "ipAllowList").fill("127.0.0.1"),
        "The addresses are changed.");
    command(page, "Describe", () -> field(page, "name").fill("Renamed"), "Described.");
    command(page, "Transfer", () -> field(page, "ownerId").fill("other"), "Transferred.");
    command(page, "Rotate", () -> page.getByLabel("after 1 hour").check(), "");
    button(page, "I have stored it").click();
    assertThat(page.getByText("(earlier)")).isVisible();
    command(page, "Close the overlap", () -> {}, "The overlap is closed.");
    command(
        page,
        "Revoke",
        () -> field(page, "revocationReason").selectOption("superseded"),
        "Revoked.");

    assertThat(page.getByText(Pattern.compile("In force on 1 of 1 node after \\d+ ms")))
        .isVisible();
    assertThat(page.locator(".timeline > li").first()).containsText("Revoked");
    assertThat(page.locator(".timeline")).containsText("Commanded → Renamed");
    assertThat(page.locator("[aria-label=Secrets] tbody")).containsText("revoked");
    assertThat(page.locator("[aria-label=Secrets] tbody")).not().containsText(" in ");
    assertThat(page.getByRole(AriaRole.BUTTON, named("Renew"))).hasCount(0);
    assertThat(company.codeOf(first)).isEqualTo("REVOKED");
  }

  @Test
  void aRevocationNamesItsImpactAndThePastStaysVisible(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Looked back on", "read:users");
    assertThat(company.codeOf(key.secret())).isEqualTo("VALID");
    await().until(() -> company.issuer().read(key).has("lastUsedAt"));
    var _ = company.issuer().done(key, "suspend", "{\"reason\": \"odd traffic\"}");
    Page page = BROWSER.open(keyledger, company.root(), "/keys/" + key.id());

    assertThat(page.locator(".timeline > li").first()).containsText("odd traffic");
    field(page, "permissions").fill("write:users");
    button(page, "Try it").click();
    assertThat(page.locator(".verdict")).hasText("SUSPENDED");
    assertThat(page.locator(".conditions")).containsText("Failed: is not suspended");
    assertThat(page.locator(".conditions")).containsText("write:users missing");
    field(page, "ip").fill("nonsense");
    button(page, "Try it").click();
    assertThat(page.locator("try-key problem-notice li")).containsText("must be an");
    assertThat(page.locator("try-key problem-notice p").first()).not().containsText("must be an");
    assertThat(page.locator(".verdict")).hasCount(0);
    page.locator("summary").getByText("As it was").click();
    page.getByLabel("Move along the life of the key").fill("0");
    assertThat(page.locator("key-as-it-was dl.facts")).containsText("active");
    button(page, "Revoke").click();
    assertThat(page.getByText("It was used")).isVisible();
  }

  @Test
  void operatorsSeeTheButtonsThatTheyMayUse(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Watched", "read:users");
    Signed reader = company.operator("keyledger:keys:read");
    Signed suspender =
        company.operator("keyledger:keys:read", "keyledger:keys:suspend", "keyledger:audit:read");

    Page read = BROWSER.open(keyledger, reader, "/keys/" + key.id());
    assertThat(read.getByRole(AriaRole.HEADING, named("Watched"))).isVisible();
    assertThat(read.locator(".actions button")).hasCount(0);
    assertThat(read.getByText("that needs keyledger:audit:read")).isVisible();
    assertThat(read.getByRole(AriaRole.LINK, named("Issue a key"))).hasCount(0);
    var _ = read.navigate(keyledger.uri() + "/console/#/issue");
    assertThat(read.getByText("You may not see this page")).isVisible();

    Page suspend = BROWSER.open(keyledger, suspender, "/keys/" + key.id());
    assertThat(suspend.locator(".actions button")).hasText(new String[] {"Suspend"});
    button(suspend, "Suspend").press("Enter");
    assertThat(suspend.getByRole(AriaRole.DIALOG)).isVisible();
    suspend.keyboard().press("Enter"); // of a user in a hurry
    assertThat(suspend.getByRole(AriaRole.DIALOG)).hasCount(0);
    assertThat(company.issuer().history(key)).hasSize(1);

    String[] held = {"keyledger:keys:read", "keyledger:keys:renew", "keyledger:keys:revoke"};
    Page above = BROWSER.open(keyledger, company.operator(held), "/keys/" + key.id());
    assertThat(above.locator(".actions button")).hasText(new String[] {"Revoke"});
    assertThat(above.getByText("The key is above your ceiling")).containsText("read:users");
    held[2] = "keyledger:grant:read:*";
    Page within = BROWSER.open(keyledger, company.operator(held), "/keys/" + key.id());
    assertThat(within.locator(".actions button")).hasText(new String[] {"Renew"});
    assertThat(within.getByText("The key is above your ceiling")).hasCount(0);

    held[1] = "keyledger:keys:change";
    held[2] = "keyledger:keys:issue";
    Page many = BROWSER.open(keyledger, company.operator(held), "/keys?q=Watched");
    many.getByLabel("Select all that are listed").check();
    button(many, "Transfer").click();
    field(many, "ownerId").fill("other");
    button(many, "See what will happen").click();
    assertThat(many.getByText("0 of 1 will change")).isVisible();
    assertThat(many.locator("dialog[open] td").last()).containsText("Above your ceiling");

    suspend.locator(".who").click();
    assertThat(suspend.locator("#who")).containsText("keyledger:keys:suspend");
    assertThat(suspend.locator("#who")).containsText("company");
  }

  @Test
  void namesAreShownAsTextOnly(KeyledgerProcess keyledger) {
    String attack = "<img src=x onerror=alert(1)>";
    IssuedKey key =
        company
            .issuer()
            .issuedFrom(
                """
                {"name": "%s", "owner": {"type": "app", "id": "<script>alert(2)</script>"},
                "permissions": ["javascript:alert:<b>"], "reason": "<svg onload=alert(3)>",
                "metadata": {"<iframe srcdoc=x>": "\\"'><img src=x onerror=alert(4)>", "long": "%s"}}
                """
                    .formatted(attack, "W".repeat(500)));
    for (String address :
        List.of(
            "/",
            "/keys?q=onerror",
            "/keys/" + key.id(),
            "/issue?like=" + key.id(),
            "/keys/%",
            "/keys?expiresBefore=nonsense",
            "/audit?from=nonsense&to=",
            "/keys?q=" + "%3Cimg%20src%3Dx%3E")) {
      Page page = BROWSER.open(keyledger, company.root(), address);
      page.setViewportSize(360, 800);
      assertThat(page.locator("curl-log summary")).isVisible();
      assertThat(page.locator("img[src=x], iframe, svg[onload]")).hasCount(0);
      assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .as(address)
          .isEqualTo(true);
    }
    Page page = BROWSER.open(keyledger, company.root(), "/keys/" + key.id());
    assertThat(page.getByRole(AriaRole.HEADING, named(attack))).isVisible();
  }

  private static void command(Page page, String name, Runnable fields, String done) {
    button(page, name).first().click();
    fields.run();
    page.locator("dialog[open] button[type=submit]").click();
    if (!done.isEmpty()) {
      assertThat(page.locator("command-receipt")).containsText(done);
    }
    assertThat(page.locator("dialog[aria-labelledby=dialog-title]")).hasCount(0);
  }

  /** Holds requests to an address until the test releases them. */
  private static List<Route> holdAnswers(Page page, String address) {
    List<Route> held = new ArrayList<>();
    page.route(address, held::add);
    return held;
  }

  /** Returns the field of that name that is shown. */
  private static Locator field(Page page, String name) {
    return page.locator("[name=%s]:visible".formatted(name));
  }

  private static Locator rows(Page page) {
    return page.locator("key-rows tbody tr");
  }

  private static Locator.FilterOptions having(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private static String lastFour(IssuedKey key) {
    return key.secret().substring(key.secret().length() - 4);
  }
}
