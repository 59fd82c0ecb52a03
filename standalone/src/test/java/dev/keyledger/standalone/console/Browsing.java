package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Debian's headless Chromium, one for all tests of a class. After each test it closes the pages of
 * the test, and fails if a page had an error: an exception of a script, a refusal by the policy, a
 * dialog, or a request to another host.
 */
final class Browsing implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium-headless-shell");
  private static final List<String> ARGUMENTS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--no-first-run");
  private static final int PATIENCE_MILLIS = 15_000;

  private @Nullable Playwright playwright;
  private @Nullable Browser browser;
  private final List<BrowserContext> contexts = new ArrayList<>();
  private final List<String> mistakes = new ArrayList<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    Playwright started =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    playwright = started;
    browser =
        started
            .chromium()
            .launch(new LaunchOptions().setExecutablePath(CHROMIUM).setArgs(ARGUMENTS));
    setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    contexts.forEach(BrowserContext::close);
    contexts.clear();
    List<String> made = List.copyOf(mistakes);
    mistakes.clear();
    assertThat(made).isEmpty();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (playwright != null) {
      playwright.close();
    }
  }

  /** Opens an address of a node in a tab without a session. */
  Page open(KeyledgerProcess keyledger, String address) {
    return open(keyledger.uri(), address);
  }

  /** Opens an address behind a gateway in a tab without a session. */
  Page open(URI gateway, String address) {
    Page opened = page(new Browser.NewContextOptions());
    var _ = opened.navigate(gateway + address);
    return opened;
  }

  /** Opens a page of the console in a tab where a key is signed in. */
  Page open(KeyledgerProcess keyledger, Signed in, String page) {
    return open(keyledger.uri(), in, page, new Browser.NewContextOptions());
  }

  /** Opens a page of the console in a tab of that kind where a key is signed in. */
  Page open(URI node, Signed in, String page, Browser.NewContextOptions options) {
    Page opened = page(options);
    opened.addInitScript(in.script());
    var _ = opened.navigate(node + "/console/#" + page);
    return opened;
  }

  /** Returns an empty page. */
  Page page(Browser.NewContextOptions options) {
    if (browser == null) {
      throw new IllegalStateException("the browser has not been started");
    }
    BrowserContext context =
        browser.newContext(
            options
                .setLocale("en-GB")
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
    context.setDefaultTimeout(PATIENCE_MILLIS);
    contexts.add(context);
    Page page = context.newPage();
    watch(page);
    return page;
  }

  private void watch(Page page) {
    page.onPageError(thrown -> mistakes.add("thrown: " + thrown));
    page.onConsoleMessage(message -> {
      // A refused request is not an error of the page, but the browser reports it.
      if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
        mistakes.add("reported: " + message.text());
      }
    });
    page.onDialog(dialog -> {
      if (!dialog.type().equals("beforeunload")) {
        mistakes.add("opened: " + dialog.message());
      }
      dialog.accept();
    });
    page.onRequest(request -> {
      if (!request.url().startsWith("http://127.0.0.1:")
          && !request.url().startsWith("data:image/")
          && !request.url().startsWith("blob:")) {
        mistakes.add("asked of another host: " + request.url());
      }
    });
  }

  /** Loses the next answer from an address; the request is executed nevertheless. */
  static void loseNextAnswer(Page page, String address) {
    page.route(
        address,
        route -> {
          var _ = route.fetch();
          route.abort();
        },
        new Page.RouteOptions().setTimes(1));
  }

  /** Returns the buttons with exactly this name. */
  static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, named(name));
  }

  /** Returns options for an element with exactly that name. */
  static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name).setExact(true);
  }

  /** Returns options for an element with exactly that label. */
  static Page.GetByLabelOptions exactly() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  /**
   * The signed-in user.
   *
   * @param key the root key or the secret of an operator key
   * @param workspace empty for an operator
   */
  record Signed(String key, String workspace) {
    /**
     * Returns the script that stores the session in the tab before the first page is loaded, once.
     */
    String script() {
      return """
      if (!sessionStorage.getItem('test.signed')) {
        sessionStorage.setItem('test.signed', 'once');
        sessionStorage.setItem('keyledger.key', '%s');
        sessionStorage.setItem('keyledger.workspace', '%s');
        sessionStorage.setItem('keyledger.usedAt', String(Date.now()));
      }
      """
          .formatted(key, workspace);
    }

    /** Does not reveal the key. */
    @Override
    public String toString() {
      return "signed in";
    }
  }
}
