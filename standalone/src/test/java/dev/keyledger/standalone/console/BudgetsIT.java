package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import dev.keyledger.benchmarks.seeding.Seeder;
import dev.keyledger.standalone.console.Browsing.Signed;
import dev.keyledger.standalone.process.KeyledgerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The response times of the console with many keys: see {@code benchmarks/console}. */
@Tag("by-hand")
@Timeout(600)
class BudgetsIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static final int KEYS = 100_000;
  private static final int ROWS = 10_000;
  private static final int LOADS = 10;
  private static final int WARMING_LOADS = 5;
  private static final Duration LISTED_MAX = Duration.ofMinutes(3);
  private static final int HOME_MAX_MILLIS = 1_000;
  private static final int FRAME_MAX_MILLIS = 50;

  /** Records the time from the request for the page until home is complete, in milliseconds. */
  private static final String HOME_SHOWN =
      """
      const look = () => {
        if (document.querySelectorAll('home-page bar-chart svg').length === 2
            && document.querySelector('home-page td') && !document.querySelector('.skeleton')) {
          document.documentElement.dataset.shown = performance.now();
        } else {
          requestAnimationFrame(look);
        }
      };
      requestAnimationFrame(look);
      """;

  /** Scrolls down by a window in each frame; returns the time from frame to frame, sorted. */
  private static final String SCROLLED =
      """
      async (rows) => {
        const frames = [];
        let before = await new Promise(requestAnimationFrame);
        while (document.querySelector('key-rows').keys.length < rows || scrollY + innerHeight < rows * 42) {
          scrollBy(0, innerHeight);
          const now = await new Promise(requestAnimationFrame);
          frames.push(now - before);
          before = now;
        }
        return frames.sort((a, b) => a - b);
      }
      """;

  @Test
  void theConsoleIsQuick(@TempDir Path directory) throws Exception {
    SeededNode.use(
        directory,
        settings ->
            new Seeder(settings, SeededNode.PEPPERS, InstantSource.system()).seed(KEYS, _ -> {}),
        BudgetsIT::measure);
  }

  private static void measure(KeyledgerProcess keyledger) {
    await()
        .atMost(LISTED_MAX)
        .until(() ->
            keyledger.root().get("/v1/keys/summary").body().path("total").asInt() == KEYS
                && keyledger.root().get("/v1/audit?limit=1").status() == 200);
    System.out.println("| what | measured | budget |\n|---|---|---|");
    row(
        "home with %,d keys, median of %d loads".formatted(KEYS, LOADS),
        home(keyledger),
        HOME_MAX_MILLIS);
    double[] frames = scrolled(keyledger);
    row(
        "longest of %,d frames over %,d rows".formatted(frames.length, ROWS),
        frames[frames.length - 1],
        FRAME_MAX_MILLIS);
    row("their 99th percentile", frames[frames.length * 99 / 100], FRAME_MAX_MILLIS);
  }

  /**
   * Returns the median in milliseconds. Each load is that of a new visitor, with nothing cached.
   */
  private static double home(KeyledgerProcess keyledger) {
    double[] loads =
        DoubleStream.generate(() -> homeOnce(keyledger))
            .limit(WARMING_LOADS + LOADS)
            .skip(WARMING_LOADS)
            .sorted()
            .toArray();
    return (loads[LOADS / 2 - 1] + loads[LOADS / 2]) / 2;
  }

  private static double homeOnce(KeyledgerProcess keyledger) {
    Page page = BROWSER.page(new NewContextOptions());
    page.addInitScript(HOME_SHOWN);
    page.addInitScript(new Signed(keyledger.rootKey(), "").script());
    var _ = page.navigate(keyledger.uri() + "/console/");
    double millis = Double.parseDouble(page.locator("[data-shown]").getAttribute("data-shown"));
    page.context().close();
    return millis;
  }

  private static double[] scrolled(KeyledgerProcess keyledger) {
    Page page = BROWSER.open(keyledger, new Signed(keyledger.rootKey(), ""), "/keys");
    assertThat(page.locator("key-rows tbody tr a").first()).isVisible();
    var frames = (List<?>) page.evaluate(SCROLLED, ROWS);
    return frames.stream().mapToDouble(millis -> ((Number) millis).doubleValue()).toArray();
  }

  private static void row(String what, double millis, int budgetMillis) {
    System.out.printf(Locale.ROOT, "| %s | %.0f ms | %d ms |%n", what, millis, budgetMillis);
  }
}
