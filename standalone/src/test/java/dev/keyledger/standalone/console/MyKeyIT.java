package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.button;
import static dev.keyledger.standalone.console.Browsing.loseNextAnswer;
import static dev.keyledger.standalone.console.Browsing.named;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
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

/** The holder's own page about a key. */
@Tag("tools")
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class MyKeyIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static Company company;

  @BeforeAll
  static void found(KeyledgerProcess keyledger) {
    company = Company.on(keyledger);
  }

  @Test
  void theLinkOfAReminderLeadsToTheFormOfItsKey(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Reminded", "read:users");
    Page page = BROWSER.open(keyledger, "/my-key/?keyId=" + key.id());
    assertThat(page.getByLabel("Key id")).hasValue(key.id());
    show(page, key.secret());

    assertThat(page.getByRole(AriaRole.HEADING, named("Reminded"))).isVisible();
    assertThat(page.locator("dl.facts")).containsText("read:users");
    assertThat(page.locator("dl.facts")).containsText("active");
    page.getByLabel("Expires").selectOption("P180D");
    button(page, "Renew").click();
    assertThat(page.getByText("The key is renewed.")).isVisible();
    assertThat(page.locator("dl.facts")).containsText("in 5 months");
    assertThat(page.url()).doesNotContain(key.secret());
  }

  @Test
  void aHolderRotatesAndRevokes(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Held", "read:users");
    Page page = BROWSER.open(keyledger, "/my-key/");
    show(page, key.secret());
    page.getByText("Rotate: get a new secret").click();
    page.getByLabel("once I have stored the new one").check();
    loseNextAnswer(page, "**/v1/self/rotate");
    button(page, "Rotate").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("Keyledger cannot be reached");
    button(page, "Rotate").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("Store the secret of “Held” now");
    String secret = dialog.locator(".secret code").textContent();
    assertThat(company.codeOf(key.secret())).isEqualTo("VALID");
    button(page, "I have stored it").click();
    assertThat(page.getByText("The key has a new secret.")).isVisible();
    assertThat(company.codeOf(key.secret())).isEqualTo("ROTATED_OUT");
    assertThat(company.codeOf(secret)).isEqualTo("VALID");

    page.locator("summary").getByText("Revoke").click();
    page.getByLabel("I want to end this key").check();
    button(page, "Revoke").click();
    assertThat(page.getByText("The key is revoked.")).isVisible();
    assertThat(company.codeOf(secret)).isEqualTo("REVOKED");
    assertThat(page.evaluate("JSON.stringify({...sessionStorage})"))
        .asString()
        .doesNotContain(secret);
  }

  @Test
  void aDeadKeyIsRefusedWithWhatToDo(KeyledgerProcess keyledger) {
    IssuedKey key = company.issued("Dead", "read:users");
    var _ = company.issuer().done(key, "revoke", "{}");
    Page page = BROWSER.open(keyledger, "/my-key/");
    show(page, key.secret());
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("req_");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("Ask whoever gave it to you.");
    show(page, keyledger.rootKey());
    assertThat(page.getByText("This is the root key.")).isVisible();
  }

  private static void show(Page page, String key) {
    page.getByLabel("Key", new Page.GetByLabelOptions().setExact(true)).fill(key);
    button(page, "Show").click();
  }
}
