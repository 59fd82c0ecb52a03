package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.button;
import static dev.keyledger.standalone.console.Browsing.named;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ReducedMotion;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The console by keyboard alone. Each stop of the Tab key must be visible: in the window, not
 * covered, and marked. After a dialog, the focus returns to where it was, or to something near it.
 */
@Tag("tools")
@Timeout(180)
@ExtendWith(SharedStandalone.class)
class KeyboardIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static final int STOPS_MAX = 200;

  /**
   * Returns the name of the focused element, and the reason if it is not visible; the page itself
   * has none.
   */
  private static final String FOCUSED =
      """
      () => {
        const element = document.activeElement;
        if (element === document.body) {
          return {name: '', unseen: ''};
        }
        const label = element.labels?.[0];
        const text = label
            ? [...label.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join('')
            : element.textContent;
        const name = (element.getAttribute('aria-label') ?? text).trim().replace(/\\s+/g, ' ');
        const {left, top, width, height} = element.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(element);
        const isMarked = !element.matches(':focus') // but a part of it, which the browser marks
            || outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
            || /rgba?\\((?!.*, 0\\)).*[1-9][0-9.]*px/.test(boxShadow);
        return {name, unseen: !hit ? 'outside of the window'
            : !element.contains(hit) && !hit.contains(element) && !label?.contains(hit) ? 'covered by ' + hit.outerHTML
            : isMarked ? '' : 'not marked'};
      }
      """;

  private static Company company;

  @BeforeAll
  static void found(KeyledgerProcess keyledger) {
    company = Company.on(keyledger);
  }

  @Test
  void operatorsNeedNoPointer(KeyledgerProcess keyledger) {
    for (String name : new String[] {"one", "two"}) {
      var _ = company.issued("Without a pointer " + name, "read:users");
    }
    Page page = open(keyledger, "/console/");
    assertThat(page.getByLabel("Operator key or root key")).isFocused();
    page.keyboard().type(company.root().key());
    press(page, "Root key: choose a workspace", "Enter");
    type(page, "Workspace", "company");
    page.keyboard().press("Enter");
    assertOpened(page, "Home");

    press(page, "Keys", "Enter");
    assertOpened(page, "Keys");
    type(page, "Search", "Without a pointer");
    assertThat(page.locator("key-rows tbody tr")).hasCount(2);
    press(page, "Select all that are listed", "Space");
    press(page, "Renew", "Enter");
    assertThat(page.locator("dialog [name=expiry]")).isFocused();
    choose(page, "after 180 days");
    press(page, "See what will happen", "Enter");
    assertThat(page.getByText("2 of 2 will change")).isVisible();
    assertThat(page.getByRole(AriaRole.REGION, named("What will happen"))).isFocused();
    press(page, "Renew 2", "Enter");
    assertThat(page.getByText("2 done.")).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.locator("keys-page > .fine")).isFocused();

    press(page, "Issue a key", "Enter");
    assertOpened(page, "Issue a key");
    type(page, "Name", "By keyboard");
    type(page, "Its id", "keyboard");
    type(page, "Permissions", "read:users");
    page.keyboard().press("Enter");
    press(page, "Issue", "Enter");
    assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
    press(page, "I have stored it", "Enter");
    assertOpened(page, "By keyboard");

    type(page, "From address", "127.0.0.1");
    page.keyboard().press("Enter");
    assertThat(page.locator(".verdict")).hasText("VALID");
    press(page, "Rotate", "Enter");
    assertThat(page.getByLabel("as the workspace says")).isFocused();
    page.keyboard().press("ArrowDown");
    assertThat(page.getByLabel("immediately")).isChecked();
    press(page, "Rotate", "Enter");
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Store the secret");
    press(page, "I have stored it", "Enter");
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    assertThat(button(page, "Rotate")).isFocused();

    press(page, "Revoke", "Enter");
    page.keyboard().press("Escape");
    assertThat(button(page, "Revoke")).isFocused();
    page.keyboard().press("Enter");
    tabTo(page, "Why");
    choose(page, "superseded by another key");
    press(page, "Revoke", "Enter");
    assertThat(page.locator(".receipt")).containsText("Revoked.");
    assertThat(page.locator(".receipt")).isFocused();

    press(page, "Audit", "Enter");
    assertOpened(page, "Audit");
    press(page, "24 hours", "Enter");
    assertThat(page).hasURL(Pattern.compile("#/audit\\?from=2"));
    press(page, "Filters (1)", "Enter");
    tabTo(page, "Revoked");
    for (String type : new String[] {"type=KeyRevoked&", "", "type=KeyRevoked&"}) {
      page.keyboard().press("Space");
      assertThat(page).hasURL(Pattern.compile("#/audit\\?" + type + "from=2"));
      assertThat(page.getByLabel("Revoked", Browsing.exactly())).isFocused();
    }
    assertThat(page.locator(".skeleton")).hasCount(0);

    press(page, "Root key in company", "Enter");
    press(page, "Sign out", "Enter");
    assertThat(page.getByText("You are signed out.")).isVisible();
    assertThat(page.getByLabel("Operator key or root key")).isFocused();
  }

  @Test
  void aLongListKeepsTheFocusWhileItScrolls(KeyledgerProcess keyledger) {
    Page page =
        BROWSER.open(
            keyledger.uri(),
            company.root(),
            "/keys?q=Imported",
            new NewContextOptions().setReducedMotion(ReducedMotion.REDUCE));
    Locator first = page.locator("key-rows tbody tr a").first();
    String name = first.textContent();
    first.focus();
    for (int number = number(name); number > number(name) - 60; number--) {
      assertThat(page.locator("a:focus")).hasText("Imported %04d".formatted(number));
      page.keyboard().press("Tab"); // to the checkbox of the next key
      page.keyboard().press("Tab");
      assertSeen(page);
    }
  }

  @Test
  void holdersNeedNoPointer(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Held without a pointer", "read:users");
    Page page = open(keyledger, "/my-key/");
    assertThat(page.getByLabel("Key", Browsing.exactly())).isFocused();
    page.keyboard().type(key.secret());
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.HEADING, named("Held without a pointer"))).isVisible();
    assertThat(page.locator("main")).isFocused();
    press(page, "Renew", "Enter");
    tabTo(page, "Expires");
    choose(page, "after 180 days");
    press(page, "Renew", "Enter");
    assertThat(page.getByText("The key is renewed.")).isVisible();
    assertThat(button(page, "Renew")).isFocused();
    press(page, "Forget the key", "Enter");
    assertThat(page.getByLabel("Key", Browsing.exactly())).isFocused();
  }

  private static Page open(KeyledgerProcess keyledger, String address) {
    Page page = BROWSER.page(new NewContextOptions().setReducedMotion(ReducedMotion.REDUCE));
    var _ = page.navigate(keyledger.uri() + address);
    return page;
  }

  private static void assertOpened(Page page, String title) {
    assertThat(page.getByRole(AriaRole.HEADING, named(title)).first()).isVisible();
    assertThat(page.locator(".skeleton")).hasCount(0);
    assertThat(page.locator("#content")).isFocused();
  }

  private static int number(String name) {
    return Integer.parseInt(name.substring(name.length() - 4));
  }

  private static void press(Page page, String name, String key) {
    tabTo(page, name);
    page.keyboard().press(key);
  }

  private static void type(Page page, String name, String text) {
    tabTo(page, name);
    page.keyboard().type(text);
  }

  /** Selects an option in the focused list. */
  private static void choose(Page page, String option) {
    Locator list = page.locator("select:focus");
    Locator chosen = list.locator("option:checked");
    for (int i = 0; i < 20 && !chosen.textContent().strip().equals(option); i++) {
      page.keyboard().press("ArrowDown");
    }
    assertThat(chosen).hasText(option);
  }

  /** Presses Tab until an element with that name has the focus. */
  private static void tabTo(Page page, String name) {
    for (int stop = 0; stop < STOPS_MAX; stop++) {
      page.keyboard().press("Tab");
      if (assertSeen(page).equals(name)) {
        return;
      }
    }
    throw new AssertionError("Tab does not lead to " + name);
  }

  /** Returns the name of the focused element. */
  private static String assertSeen(Page page) {
    var focused = (Map<?, ?>) page.evaluate(FOCUSED);
    String name = String.valueOf(focused.get("name"));
    assertThat(focused.get("unseen")).as(name).isEqualTo("");
    return name;
  }
}
