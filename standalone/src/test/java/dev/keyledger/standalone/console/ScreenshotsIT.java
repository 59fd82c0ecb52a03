package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.keyledger.benchmarks.seeding.SeededCompany;
import dev.keyledger.benchmarks.seeding.Seeder;
import dev.keyledger.standalone.console.Browsing.Signed;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Pictures of each page for people: see {@code scripts/screenshots}. */
@Tag("by-hand")
@Timeout(300)
class ScreenshotsIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static final Path DIRECTORY = Path.of(System.getProperty("keyledger.screenshots"));
  private static final String DOCS = System.getProperty("keyledger.docs-screenshots", "");

  /** A page is as high as its content, but no higher than this. */
  private static final int HEIGHT_MAX = 4_000;

  @Test
  void eachPageIsPictured(@TempDir Path directory) throws Exception {
    InstantSource clock = InstantSource.system();
    var company = new SeededCompany(SeededNode.PEPPERS, clock.instant());
    SeededNode.use(
        directory,
        settings -> new Seeder(settings, SeededNode.PEPPERS, clock).seed(company),
        keyledger -> {
          useSome(company, keyledger);
          picture(company, keyledger);
        });
  }

  private static void picture(SeededCompany company, KeyledgerProcess keyledger) {
    Map<String, String> pages = new LinkedHashMap<>(Addresses.PAGES);
    pages.put("key", "/keys/" + eventful(keyledger));
    for (var look : looks().entrySet()) {
      for (Entry<String, String> page : pages.entrySet()) {
        Page shown =
            BROWSER.open(
                keyledger.uri(),
                new Signed(keyledger.rootKey(), ""),
                page.getValue(),
                look.getValue().get());
        assertThat(shown.locator("main h1").first()).isVisible();
        assertThat(shown.locator(".skeleton")).hasCount(0);
        shown.waitForTimeout(300); // charts are drawn after the text
        int height =
            (int)
                Double.parseDouble(
                    String.valueOf(shown.evaluate("document.documentElement.scrollHeight")));
        shown.setViewportSize(shown.viewportSize().width, Math.min(HEIGHT_MAX, height));
        var _ =
            shown.screenshot(to(DIRECTORY.resolve(page.getKey() + "-" + look.getKey() + ".png")));
        shown.context().close();
      }
      Page held = BROWSER.page(look.getValue().get());
      var _ = held.navigate(keyledger.uri() + "/my-key/");
      held.getByLabel("Key", new Page.GetByLabelOptions().setExact(true))
          .fill(company.secret(SeededCompany.KEYS - 2));
      held.locator("button[type=submit]").click();
      assertThat(held.locator("dl.facts")).isVisible();
      var _ =
          held.screenshot(
              to(DIRECTORY.resolve("my-key-" + look.getKey() + ".png")).setFullPage(true));
    }
    if (!DOCS.isEmpty()) {
      for (String name : new String[] {"home", "keys", "key"}) {
        Page shown =
            BROWSER.open(
                keyledger.uri(),
                new Signed(keyledger.rootKey(), ""),
                String.valueOf(pages.get(name)),
                new NewContextOptions().setViewportSize(1280, 800).setDeviceScaleFactor(0.7));
        assertThat(shown.locator("main h1").first()).isVisible();
        assertThat(shown.locator(".skeleton")).hasCount(0);
        shown.waitForTimeout(300);
        var _ = shown.screenshot(to(Path.of(DOCS, "console-" + name + ".png")));
      }
    }
    assertThat(DIRECTORY.resolve("home-light.png")).exists();
  }

  /** Returns the key on the first page of the list with the most events, after a rotation. */
  private static String eventful(KeyledgerProcess keyledger) {
    return keyledger
        .root()
        .get("/v1/keys?status=active&limit=200")
        .body()
        .path("data")
        .valueStream()
        .max(
            Comparator.<JsonNode>comparingInt(key -> key.path("secrets").size())
                .thenComparingInt(key -> key.path("version").asInt()))
        .orElseThrow()
        .path("keyId")
        .asString();
  }

  /** Returns the browser contexts in which pages are shown, by name. */
  private static Map<String, Supplier<NewContextOptions>> looks() {
    return Map.of(
        "light", () -> wide().setColorScheme(ColorScheme.LIGHT),
        "dark", () -> wide().setColorScheme(ColorScheme.DARK),
        "narrow", () -> wide().setViewportSize(390, 844));
  }

  private static NewContextOptions wide() {
    return new NewContextOptions()
        .setViewportSize(1280, 800)
        .setReducedMotion(ReducedMotion.REDUCE);
  }

  private static ScreenshotOptions to(Path file) {
    return new ScreenshotOptions().setPath(file);
  }

  private static void useSome(SeededCompany company, KeyledgerProcess keyledger) {
    IntStream.iterate(0, number -> number < SeededCompany.KEYS, number -> number + 3)
        .forEach(number -> {
          var _ = keyledger.issuer().verify("{\"key\": \"%s\"}".formatted(company.secret(number)));
        });
  }
}
