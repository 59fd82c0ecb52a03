package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.button;
import static dev.keyledger.standalone.console.Browsing.exactly;
import static dev.keyledger.standalone.console.Browsing.named;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route.FulfillOptions;
import com.microsoft.playwright.options.AriaRole;
import dev.keyledger.standalone.console.Browsing.Signed;
import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Receiver;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Administration by operators in the console: everything but keys. */
@Tag("tools")
@Timeout(180)
@ExtendWith(SharedStandalone.class)
class ConsoleAdministrationIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static Company company;

  @BeforeAll
  static void found(KeyledgerProcess keyledger) {
    company = Company.on(keyledger);
  }

  @Test
  void theAuditIsFilteredAndItsFiltersStayInTheAddress(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Audited", "read:users");
    var _ = company.issuer().done(key, "suspend", "{\"reason\": \"<b>looked</b> strange\"}");
    Page page = BROWSER.open(keyledger, company.root(), "/audit");
    page.locator("summary").getByText("Filters").click();
    page.getByLabel("Key id").fill(key.id());
    page.getByLabel("Suspended", exactly()).check();

    assertThat(page).hasURL(Pattern.compile("#/audit\\?type=KeySuspended&keyId=" + key.id() + "$"));
    assertThat(entries(page)).hasCount(1);
    assertThat(entries(page)).containsText("“<b>looked</b> strange”");
    button(page, "Suspended").click();
    assertThat(page.locator("tr.details")).containsText("req_");
    var _ = page.reload();
    assertThat(entries(page)).hasCount(1);
    page.getByText("Remove all filters").click();
    assertThat(page.getByText("100 events so far")).isVisible();
    button(page, "Load more").click();
    assertThat(page.getByText("200 events so far")).isVisible();
  }

  @Test
  void theExportOfATimeRangeIsDownloadedWithItsCheckpoint(KeyledgerProcess keyledger)
      throws IOException {
    IssuedKey key = company.issued("Exported", "read:users");
    String issuedAt = company.issuer().read(key).path("createdAt").asString();
    Page page = BROWSER.open(keyledger, company.root(), "/audit?from=" + issuedAt);
    page.locator("summary").getByText("Export").click();
    String export = downloaded(page, "Download");

    List<String> lines = export.lines().toList();
    JsonNode trailer = JsonMapper.shared().readTree(lines.getLast()).path("data");
    assertThat(lines.getFirst()).contains(key.id(), "inclusionproof");
    assertThat(trailer.path("count").asInt()).isEqualTo(lines.size() - 1);
    assertThat(trailer.path("checkpoint").asString()).startsWith("keyledger.dev/log/");
    assertThat(page.getByText(Pattern.compile(lines.size() - 1 + " events? downloaded")))
        .isVisible();
    page.locator("curl-log summary").click();
    assertThat(page.locator("curl-log pre").first()).containsText("/v1/audit/export?from=");
  }

  @Test
  void anEntryIsVerifiedInTheBrowserAndItsEvidenceDownloaded(KeyledgerProcess keyledger)
      throws IOException {
    IssuedKey key = company.issued("Proven", "read:users");
    Page page = BROWSER.open(keyledger, company.root(), "/audit?keyId=" + key.id());
    button(page, "Issued").click();
    page.getByText("Prove that it is in the log").click();

    assertThat(page.getByText("Proven: this event is in the log")).isVisible();
    assertThat(page.locator("entry-proof .passed")).hasCount(3);
    assertThat(page.locator("entry-proof .facts")).containsText("Proven");
    assertThat(downloaded(page, "Download the proof")).startsWith("c2sp.org/tlog-proof@v1\n");
    assertThat(downloaded(page, "Download the entry")).contains(key.id());
    assertThat(page.locator("proofs-page .badge.active")).hasText("good");
  }

  @Test
  void aForgedEntryIsNotProven(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Not forged yet", "read:users");
    String position = position(key);
    Page page = BROWSER.page(new NewContextOptions());
    page.addInitScript(company.root().script());
    page.route(
        "**/v1/log/entries/" + position,
        route -> {
          JsonNode entry = JsonMapper.shared().readTree(route.fetch().text());
          byte[] bytes = Base64.getDecoder().decode(entry.path("bytes").asString());
          String forged = new String(bytes, ISO_8859_1).replace("Not forged yet", "Now forged yet");
          route.fulfill(
              new FulfillOptions()
                  .setContentType("application/json")
                  .setBody(
                      "{\"bytes\": \"%s\"}"
                          .formatted(
                              Base64.getEncoder().encodeToString(forged.getBytes(ISO_8859_1)))));
        });
    var _ = page.navigate(keyledger.uri() + "/console/#/proofs?position=" + position);

    assertThat(page.getByText("Not proven. Do not rely on this entry.")).isVisible();
    assertThat(page.locator("entry-proof .failed"))
        .hasText(Pattern.compile("do not lead to the root"));
    assertThat(page.locator("entry-proof .facts")).containsText("Now forged yet");
  }

  @Test
  void theLogIsComparedWithWhatWasKept(KeyledgerProcess keyledger) throws IOException {
    Page page = BROWSER.open(keyledger, company.root(), "/proofs");
    String checkpoint = downloaded(page, "Download the checkpoint");
    String keys = downloaded(page, "Download the log's keys");
    IssuedKey later = company.issued("Later", "read:users");
    page.getByLabel("Position").fill(position(later));
    button(page, "Verify").click();
    assertThat(page.getByText("Proven: this event is in the log")).isVisible();
    String newer = company.client().get("/v1/log/checkpoint").text(); // than that of the page
    assertThat(newer.lines().toList().get(1)).isNotEqualTo(checkpoint.lines().toList().get(1));
    page.getByLabel("An earlier checkpoint").fill(newer);
    button(page, "Compare").click();
    assertThat(page.getByText("This is the log that you know.")).isVisible();
    page.getByLabel("An earlier checkpoint").fill(checkpoint);
    page.getByLabel("The log's keys").fill(keys);
    button(page, "Compare").click();

    assertThat(page.getByText("This is the log that you know.")).isVisible();
    assertThat(page.locator("log-comparison .passed")).hasCount(3);
    List<String> lines = checkpoint.lines().toList();
    long size = Long.parseLong(lines.get(1));
    page.getByLabel("An earlier checkpoint")
        .fill(checkpoint.replaceFirst("\n" + size + "\n", "\n" + (size - 1) + "\n"));
    button(page, "Compare").click();
    assertThat(page.getByText("This is not the log that you know.")).isVisible();
    assertThat(page.locator("log-comparison .failed")).hasCount(2);
  }

  @Test
  void aBrowserWithoutWebCryptoShowsTheRemedy(KeyledgerProcess keyledger) throws IOException {
    Page page = BROWSER.page(new NewContextOptions());
    page.addInitScript(company.root().script());
    page.addInitScript("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})");
    var _ = page.navigate(keyledger.uri() + "/console/#/proofs?position=1");

    assertThat(page.getByText("This browser cannot verify here.")).isVisible();
    assertThat(page.getByText("Not verified in this browser.")).isVisible();
    assertThat(downloaded(page, "Download the checkpoint")).startsWith("keyledger.dev/log/");
    assertThat(button(page, "Compare")).isDisabled();
  }

  @Test
  void aWorkspaceIsOpenedItsPolicyChangedAndClosed(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/workspaces");
    button(page, "Open a workspace").click();
    page.getByLabel("Name").fill("branch-office");
    button(page, "Open").click();
    button(page, "Change the policy").click();
    page.getByLabel("Usual lifetime").fill("a while");
    button(page, "Change").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
    page.getByLabel("Usual lifetime").fill("2 weeks");
    page.getByLabel("Reminders before the expiry").fill("3 days, 12 hours");
    page.getByLabel("what these patterns cover").check();
    page.getByLabel("Permissions", exactly()).fill("read:*");
    button(page, "Change").click();

    assertThat(page.locator("command-receipt"))
        .containsText(
            "usual lifetime 90 days → 14 days; reminders 30 days, 7 days, 1 day → 3 days, 12 hours");
    assertThat(page.locator("command-receipt")).containsText("In force on 1 of 1 node");
    JsonNode policy = keyledger.root().get("/v1/workspaces/branch-office").body().path("policy");
    assertThat(policy.path("defaultLifetime").asString()).isEqualTo("P14D");
    assertThat(policy.path("allowedPermissions").toString()).isEqualTo("[\"read:*\"]");
    assertThat(policy.path("maxLifetime").asString()).isEqualTo("P366D");
    button(page, "Go into it").click();
    assertThat(page.locator(".who")).containsText("in branch-office");
    var _ = page.navigate(keyledger.uri() + "/console/#/workspaces/branch-office");
    button(page, "Close").click();
    page.getByLabel("Write its name to confirm").fill("branch-office");
    page.locator("dialog[open] button[type=submit]").click();
    assertThat(page.getByText("The workspace is closed.")).isVisible();
    assertThat(button(page, "Change the policy")).hasCount(0);
  }

  @Test
  void aLifetimeIsChosenWithinThePolicyThatBinds(KeyledgerProcess keyledger) {
    Answer opened = keyledger.root().post("/v1/workspaces", "{\"workspace\": \"bounded\"}");
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    changePolicy(
        keyledger,
        """
        {"defaultLifetime": "P14D", "maxLifetime": "P45D", "defaultOverlap": "PT2H",
         "allowedPermissions": ["read:*", "keyledger:*"], "holderMay": ["renew"]}
        """);
    var issuer = new Issuer(keyledger.root().header("Keyledger-Workspace", "bounded"));
    Signed operator =
        new Signed(issuer.issued("keyledger:keys:*", "keyledger:grant:*").secret(), "");
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"P10D\"", "read:users");
    Page page = BROWSER.open(keyledger, operator, "/issue");
    assertThat(lifetimes(page))
        .hasText(
            new String[] {
              "after the workspace's usual lifetime (14 days)",
              "after 7 days",
              "after 30 days",
              "after 45 days",
              "at a date"
            });
    assertThat(page.getByText("The policy allows at most 45 days from now.")).isVisible();
    page.getByLabel("Permissions", exactly()).fill("write:users");
    assertThat(page.getByText("The policy of the workspace does not allow this.")).isVisible();
    page.getByLabel("Permissions", exactly()).fill("read:users");
    assertThat(page.getByText("The policy of the workspace does not allow this.")).isHidden();

    var _ = page.navigate(keyledger.uri() + "/console/#/keys/" + key.id());
    button(page, "Renew").click();
    assertThat(lifetimes(page)).hasCount(4); // 7 days would be earlier than now
    assertThat(page.locator("option[value=P7D]")).hasCount(0);
    page.getByLabel("It may end earlier").check();
    assertThat(page.locator("option[value=P7D]")).hasCount(1);
    page.keyboard().press("Escape");
    button(page, "Rotate").click();
    assertThat(lifetimes(page).first()).hasText("as before");
    assertThat(page.locator("option[value=P45D]")).hasCount(1);
    assertThat(page.getByLabel("as the workspace says (2 hours)")).isVisible();
    page.keyboard().press("Escape");
    changePolicy(keyledger, "{\"maxLifetime\": \"P20D\"}");
    button(page, "Renew").click();
    assertThat(page.getByText("The policy allows at most 20 days from now.")).isVisible();

    Page holders = BROWSER.open(keyledger, "/my-key/");
    holders.getByLabel("Key", exactly()).fill(key.secret());
    button(holders, "Show").click();
    holders.locator("summary").getByText("Renew").click();
    assertThat(lifetimes(holders))
        .hasText(
            new String[] {
              "after the workspace's usual lifetime (14 days)", "after 20 days", "at a date"
            });
    changePolicy(keyledger, "{\"defaultLifetime\": \"P1D\", \"maxLifetime\": \"P5D\"}");
    var _ = holders.reload();
    holders.locator("summary").getByText("Renew").click();
    assertThat(lifetimes(holders)).hasText(new String[] {"at a date"});
    assertThat(holders.getByText("The key lasts longer already than the policy allows now"))
        .isVisible();
  }

  /** Changes the policy in all further answers. */
  private static void changePolicy(KeyledgerProcess keyledger, String policy) {
    Answer changed =
        keyledger.root().patch("/v1/workspaces/bounded", "{\"policy\": %s}".formatted(policy));
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    Client later =
        keyledger.root().header("Keyledger-At-Least", changed.header("Keyledger-Position"));
    assertThat(later.get("/v1/self").status()).isEqualTo(200);
  }

  private static Locator lifetimes(Page page) {
    return page.locator("[name=expiry]:visible option");
  }

  @Test
  void anOperatorsCeilingIsExplained(KeyledgerProcess keyledger) {
    IssuedKey operator =
        company.issued(
            "Ceiling", "keyledger:keys:issue", "keyledger:keys:read", "keyledger:grant:read:*");
    Page page = BROWSER.open(keyledger, new Signed(operator.secret(), ""), "/operators");
    Locator row =
        page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText("Ceiling"));
    assertThat(row).containsText("you");
    page.getByRole(AriaRole.LINK, named("Ceiling")).click();

    assertThat(page.locator("operator-page .passed").first()).containsText("issue keys");
    assertThat(page.getByText("It may not:")).containsText("revoke keys");
    page.getByLabel("Permissions of a key").fill("read:users keyledger:keys:read");
    assertThat(page.getByText("Within the ceiling")).isVisible();
    page.getByLabel("Permissions of a key").fill("read:users write:users keyledger:verify");
    assertThat(page.getByText("Above the ceiling")).isVisible();
    assertThat(page.locator("ceiling-trial .failed")).hasCount(2);
    assertThat(page.getByRole(AriaRole.LINK, named("What it did"))).hasCount(0);
  }

  @Test
  void aUsualOperatorIsIssuedFromItsCard(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/operators");
    page.getByText("sees everything, changes nothing").click();

    assertThat(page.locator("issue-page .chosen")).containsText("keyledger:audit:read");
    page.getByLabel("Name", exactly()).fill("New auditor");
    page.getByLabel("Its id").fill("auditor");
    button(page, "Issue").click();
    button(page, "I have stored it").click();
    assertThat(page.locator("dl.facts").first()).containsText("keyledger:audit:read");
  }

  @Test
  void aWebhookIsCreatedTestedAndDeliversAgain(KeyledgerProcess keyledger) {
    try (var receiver = new Receiver()) {
      Page page = BROWSER.open(keyledger, company.root(), "/webhooks");
      button(page, "Create a webhook").first().click();
      page.getByLabel("Address of the service").fill("http://192.168.0.1/refused");
      page.getByLabel("some", exactly()).check();
      button(page, "Create").click();
      assertThat(page.getByRole(AriaRole.DIALOG))
          .containsText("must not lead to an address that is not public");
      assertThat(page.getByRole(AriaRole.DIALOG)).containsText("req_");
      page.getByLabel("Address of the service").fill(receiver.uri() + "/hook");
      button(page, "Create").click();
      String secret = page.locator(".secret code").textContent();
      assertThat(secret).startsWith("whsec_");
      button(page, "I have stored it").click();
      assertThat(page.locator("dl.facts")).containsText("Reminder sent, Expired");

      button(page, "Send a test").click();
      assertThat(page.locator("delivery-rows tbody")).containsText("delivered");
      button(page, "Test").click();
      assertThat(page.locator("tr.details"))
          .containsText(receiver.arrivals().getFirst().webhookId());
      page.getByText("Deliver again").click();
      assertThat(page.getByText("It will be delivered again")).isVisible();
      assertThat(page.locator("delivery-rows td.number")).hasText("2");
      assertThat(receiver.arrivals()).hasSize(2);

      button(page, "Make another secret").click();
      button(page, "Make it").click();
      button(page, "I have stored it").click();
      assertThat(page.locator("dl.facts").first()).containsText("signs too");
      button(page, "Disable").click();
      page.locator("dialog[open] button[type=submit]").click();
      assertThat(page.getByText("The webhook is disabled.")).isVisible();
      assertThat(button(page, "Send a test")).hasCount(0);
      button(page, "Delete").click();
      page.locator("dialog[open] button[type=submit]").click();
      assertThat(page).hasURL(Pattern.compile("#/webhooks$"));
      assertThat(page.content()).doesNotContain(secret);
    }
  }

  @Test
  void nodesAreListedAndAskedAgainWithoutKeepingTheSessionAlive(KeyledgerProcess keyledger) {
    Page page = BROWSER.page(new NewContextOptions());
    page.addInitScript(company.root().script());
    page.clock().install();
    var _ = page.navigate(keyledger.uri() + "/console/#/nodes");
    assertThat(page.getByText("up to date").first()).isVisible();
    for (int asked = 0; asked < 4; asked++) {
      page.clock().fastForward("07:00");
    }
    page.clock().fastForward("00:30");

    assertThat(page.getByText("Are you still there?")).isVisible();
  }

  @Test
  void anOperatorSeesOnlyThePagesThatItMayUse(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.operator("keyledger:webhooks"), "/webhooks");
    assertThat(page.getByRole(AriaRole.HEADING, named("Webhooks"))).isVisible();

    assertThat(page.locator("nav.menu li")).hasText(new String[] {"Home", "Webhooks", "My key"});
    var _ = page.navigate(keyledger.uri() + "/console/#/workspaces");
    assertThat(page.getByText("You may not see this page.")).isVisible();
  }

  private static String position(IssuedKey key) {
    return company.issuer().history(key).get(0).path("position").asString();
  }

  /** Presses a button, and returns the file that the browser saves. */
  private static String downloaded(Page page, String name) throws IOException {
    Download download = page.waitForDownload(() -> button(page, name).first().click());
    return new String(Files.readAllBytes(download.path()), UTF_8);
  }

  private static Locator entries(Page page) {
    return page.locator("table.entries tbody tr:not(.details)");
  }
}
