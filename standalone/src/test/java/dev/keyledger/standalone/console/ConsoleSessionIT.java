package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.button;
import static dev.keyledger.standalone.console.Browsing.named;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signing in, the end of a session, and the console's messages when it cannot continue. */
@Tag("tools")
@Timeout(180)
@ExtendWith(SharedStandalone.class)
class ConsoleSessionIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static Company company;

  @BeforeAll
  static void found(KeyledgerProcess keyledger) {
    company = Company.on(keyledger);
  }

  @Test
  void aBrowserSignsInByKeyboardAlone(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, "/");
    assertThat(page).hasURL(keyledger.uri() + "/console/");
    assertThat(page.getByLabel("Operator key or root key")).isFocused();
    page.keyboard().type(keyledger.rootKey());
    page.keyboard().press("Enter");

    assertThat(page.getByRole(AriaRole.HEADING, named("Home"))).isVisible();
    assertThat(page.locator(".who")).containsText("Root key in default");
    assertThat(page.evaluate("JSON.stringify({...localStorage}) + document.cookie + location.href"))
        .asString()
        .doesNotContain(keyledger.rootKey());
    var _ = page.reload();
    assertThat(page.getByRole(AriaRole.HEADING, named("Home"))).isVisible();
  }

  @Test
  void aKeyThatIsNotAnOperatorsGetsInstructions(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("No operator", "read:users");
    Page page = BROWSER.open(keyledger, "/console/");
    signIn(page, "kl_live_nonsense");
    assertThat(page.getByRole(AriaRole.ALERT))
        .containsText("The credential is missing or not good");
    assertThat(page.getByRole(AriaRole.ALERT))
        .containsText("Sign in again with a key that is active.");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("req_");
    signIn(page, key.secret());
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("This key is no operator's");
    assertThat(page.getByText("You are signed out.")).hasCount(0);
    assertThat(page.evaluate("JSON.stringify({...sessionStorage})"))
        .asString()
        .doesNotContain(key.secret());
  }

  @Test
  void aSessionThatEndsInTheMiddleOfAFormKeepsWhatWasEntered(KeyledgerProcess keyledger) {
    Page page = BROWSER.page(new NewContextOptions());
    page.clock().install();
    var _ = page.navigate(keyledger.uri() + "/console/#/issue");
    signIn(page, keyledger.rootKey());
    page.locator("issue-page [name=name]").fill("Half a form");
    page.clock().fastForward("28:30");
    assertThat(page.getByText("Are you still there?")).isVisible();
    button(page, "Stay signed in").click();
    assertThat(page.getByText("Are you still there?")).isHidden();
    page.clock().fastForward("28:30");
    assertThat(page.getByText("Are you still there?")).isVisible();
    page.clock().setSystemTime(0); // does not prolong it
    page.clock().fastForward("02:00");

    assertThat(page.getByText("You were signed out after 30 minutes without use.")).isVisible();
    assertThat(page.getByText("Are you still there?")).isHidden();
    assertThat(page.locator("issue-page [name=name]")).isHidden();
    assertThat(page.evaluate("JSON.stringify({...sessionStorage})"))
        .asString()
        .doesNotContain(keyledger.rootKey());
    signIn(page, keyledger.rootKey());
    assertThat(page.locator("issue-page [name=name]")).hasValue("Half a form");
  }

  @Test
  void aSessionThatEndsInTheMiddleOfADialogKeepsIt(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("In a dialog", "read:users");
    Page page = BROWSER.page(new NewContextOptions());
    page.clock().install();
    page.addInitScript(company.root().script());
    var _ = page.navigate(keyledger.uri() + "/console/#/keys/" + key.id());
    button(page, "Describe").click();
    page.locator("dialog [name=name]").fill("Half a dialog");
    page.clock().fastForward("28:30");
    assertThat(page.getByText("Are you still there?")).isVisible();
    page.clock().fastForward("02:00");

    assertThat(page.getByText("You were signed out after 30 minutes without use.")).isVisible();
    page.keyboard().press("Escape");
    page.keyboard().press("Escape");
    page.keyboard().type(keyledger.rootKey());
    page.getByText("Root key: choose a workspace").click();
    page.getByLabel("Workspace").fill("company");
    page.keyboard().press("Enter");
    assertThat(page.locator("dialog [name=name]")).isFocused();
    assertThat(page.locator("dialog [name=name]")).hasValue("Half a dialog");
    page.keyboard().press("Enter");
    assertThat(page.locator("command-receipt")).containsText("Described.");
  }

  @Test
  void aKeyThatIsRevokedMeanwhileEndsTheSession(KeyledgerProcess keyledger) {
    IssuedKey operator = company.issuer().issued("keyledger:keys:read");
    Page page = BROWSER.open(keyledger, new Browsing.Signed(operator.secret(), ""), "/keys");
    assertThat(page.locator("key-rows tbody tr").first()).isVisible();
    var _ = company.issuer().done(operator, "revoke", "{}");
    page.getByRole(AriaRole.SEARCHBOX).fill("anything");

    assertThat(page.getByText("Keyledger no longer accepts the key")).isVisible();
  }

  @Test
  void anotherKeySeesNothingOfTheSessionBefore(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, company.root(), "/issue");
    page.locator("issue-page [name=name]").fill("Of the first");
    page.locator(".who").click();
    button(page, "Sign out").click();
    assertThat(page.getByText("You are signed out.")).isVisible();
    signIn(page, company.operator("keyledger:keys:*").key());

    assertThat(page.locator("issue-page [name=name]")).hasValue("");
    assertThat(page.locator(".who")).containsText("in company");
  }

  @Test
  void aLostNetworkIsSaidAndACommandIsNotShownAsDone(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Cut off", "read:users");
    Page page = BROWSER.open(keyledger, company.root(), "/keys/" + key.id());
    page.locator(".actions").getByText("Suspend").click();
    page.context().setOffline(true);
    page.locator("dialog[open] button[type=submit]").click();

    assertThat(page.locator("dialog[open]")).containsText("Keyledger cannot be reached");
    assertThat(page.locator(".connection")).containsText("Keyledger cannot be reached");
    assertThat(page.locator("dl.facts").first()).containsText("active");
    page.context().setOffline(false);
    page.locator("dialog[open] button[type=submit]").click();
    assertThat(page.locator("command-receipt")).containsText("Suspended.");
    assertThat(page.locator(".connection")).isHidden();
    assertThat(company.issuer().history(key)).hasSize(2);
    page.context().setOffline(true);
    page.getByRole(AriaRole.LINK, named("Audit")).click();
    assertThat(page.getByText("This page could not be loaded.")).isVisible();
    page.context().setOffline(false);
    button(page, "Load the console again").click();
    assertThat(page.locator("audit-page tbody tr").first()).isVisible();
  }

  @Test
  void rightsThatWereTakenAwayAreNoticedAtTheFirstRefusal(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Refused", "read:users");
    IssuedKey operator = company.issuer().issued("keyledger:keys:read", "keyledger:keys:suspend");
    Page page =
        BROWSER.open(keyledger, new Browsing.Signed(operator.secret(), ""), "/keys/" + key.id());
    button(page, "Suspend").click();
    var _ =
        company
            .client()
            .put(operator.path() + "/permissions", "{\"permissions\": [\"keyledger:keys:read\"]}");
    page.locator("dialog[open] button[type=submit]").click();

    assertThat(page.locator("dialog[open]")).containsText("does not permit this");
    assertThat(page.locator(".actions button")).hasCount(0);
  }

  private static void signIn(Page page, String key) {
    page.getByLabel("Operator key or root key").fill(key);
    page.locator("sign-in-form button[type=submit]").click();
  }
}
