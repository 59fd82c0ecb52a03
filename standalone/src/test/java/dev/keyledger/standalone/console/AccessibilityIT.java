package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.named;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The conformance of every page with WCAG 2.2 AA, as far as a program can test it. */
@Tag("tools")
@Timeout(180)
@ExtendWith(SharedStandalone.class)
class AccessibilityIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static final List<String> RULES =
      List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa");

  /** The rules whose outcome a theme can change. */
  private static final List<String> RULES_OF_COLOURS =
      List.of("color-contrast", "link-in-text-block");

  private static Company company;
  private static IssuedKey key;
  private static IssuedKey operator;

  @BeforeAll
  static void found(KeyledgerProcess keyledger) {
    company = Company.on(keyledger);
    key = company.issued("Looked at", "read:users");
    operator = company.issued("Operator", "keyledger:keys:*", "keyledger:grant:read:*");
    var _ = company.issuer().rotated(key, "{\"overlap\": \"P1D\"}");
    var _ = company.issuer().done(key, "suspend", "{\"reason\": \"a look\"}");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "DARK"})
  void noPageViolatesARule(ColorScheme theme, KeyledgerProcess keyledger) {
    Page page =
        BROWSER.page(
            new NewContextOptions().setColorScheme(theme).setReducedMotion(ReducedMotion.REDUCE));
    var _ = page.navigate(keyledger.uri() + "/console/");
    assertThat(page.getByRole(AriaRole.HEADING, named("Sign in"))).isVisible();
    check(theme, page, "sign-in");
    page.getByLabel("Operator key or root key").fill(company.root().key());
    page.getByText("Root key: choose a workspace").click();
    page.getByLabel("Workspace").fill("company");
    page.locator("sign-in-form button[type=submit]").click();
    for (String address : Addresses.PAGES.values()) {
      show(page, keyledger, address);
      check(theme, page, address);
    }
    show(page, keyledger, "/keys/" + key.id());
    page.locator("summary").getByText("As it was").click();
    page.getByRole(AriaRole.BUTTON, named("Try it")).click();
    assertThat(page.locator(".conditions")).isVisible();
    check(theme, page, "key");
    for (String command : List.of("Rotate", "Revoke", "Describe", "Permissions")) {
      page.locator(".actions").getByText(command).click();
      check(theme, page, command);
      page.keyboard().press("Escape");
    }
    show(page, keyledger, "/keys?status=active");
    page.getByLabel("Select all that are listed").check();
    page.locator(".bulk").getByText("Revoke").click();
    check(theme, page, "bulk");
    show(page, keyledger, "/workspaces/company");
    page.getByText("Change the policy").click();
    page.getByLabel("what these patterns cover").check();
    check(theme, page, "policy");
    show(page, keyledger, "/webhooks");
    page.getByText("Create a webhook").first().click();
    page.getByLabel("some", new Page.GetByLabelOptions().setExact(true)).check();
    check(theme, page, "webhook");
    show(page, keyledger, "/operators/" + operator.id());
    page.getByLabel("Permissions of a key").fill("read:users keyledger:verify");
    check(theme, page, "operator");
    var _ = page.navigate(keyledger.uri() + "/my-key/");
    page.getByLabel("Key", new Page.GetByLabelOptions().setExact(true))
        .fill(company.issued("Held", "read:users").secret());
    page.getByRole(AriaRole.BUTTON, named("Show")).click();
    assertThat(page.getByRole(AriaRole.HEADING, named("Held"))).isVisible();
    check(theme, page, "my-key");
  }

  private static void show(Page page, KeyledgerProcess keyledger, String address) {
    var _ = page.navigate(keyledger.uri() + "/console/#" + address);
    assertThat(page.locator("main h1").first()).isVisible();
    assertThat(page.locator(".skeleton")).hasCount(0);
  }

  private static void check(ColorScheme theme, Page page, String what) {
    var axe = new AxeBuilder(page).setLegacyMode(true);
    var chosen = theme == ColorScheme.DARK ? axe.withRules(RULES_OF_COLOURS) : axe.withTags(RULES);
    assertThat(chosen.analyze().getViolations())
        .as(what)
        .extracting(rule -> rule.getId() + ": " + rule.getNodes())
        .isEmpty();
  }
}
