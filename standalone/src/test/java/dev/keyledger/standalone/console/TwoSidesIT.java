package dev.keyledger.standalone.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.keyledger.standalone.console.Browsing.button;
import static dev.keyledger.standalone.console.Browsing.named;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.keyledger.standalone.console.Browsing.Signed;
import dev.keyledger.standalone.deploy.Gateway;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.TcpProxy;
import dev.keyledger.standalone.process.TcpProxy.Line;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A command side and a query side behind {@code deploy/nginx.conf}, which look like one. */
@Tag("tools")
@Timeout(180)
@TestMethodOrder(OrderAnnotation.class)
class TwoSidesIT {
  @RegisterExtension static final Browsing BROWSER = new Browsing();

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static OwnDatabase database;
  private static TcpProxy line;
  private static KeyledgerProcess command;
  private static KeyledgerProcess query;
  private static Gateway nginx;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    database = OwnDatabase.start(directory);
    line = database.proxy();
    command = KeyledgerProcess.launch(Application.COMMAND_SIDE, database.environment());
    query = KeyledgerProcess.launch(Application.QUERY_SIDE, database.environment(line));
    command.awaitReady();
    query.awaitReady();
    nginx = Gateway.deployedNginx(directory, List.of(command, command), List.of(query, query));
  }

  @AfterAll
  static void end() throws Exception {
    for (AutoCloseable started : List.of(nginx, query, command, line, database)) {
      started.close();
    }
  }

  @Test
  @Order(1)
  void aKeysLifeIsSeenOnBothSides() {
    Page page = BROWSER.open(nginx.uri(), "/");
    page.getByLabel("Operator key or root key").fill(command.rootKey());
    page.locator("sign-in-form button[type=submit]").click();
    assertThat(page.getByRole(AriaRole.HEADING, named("Home"))).isVisible();
    page.getByRole(AriaRole.LINK, named("Issue a key")).click();
    page.locator("[name=name]:visible").fill("On both sides");
    page.locator("[name=ownerId]:visible").fill("reports");
    button(page, "Issue").click();
    button(page, "I have stored it").click();
    assertThat(page.getByRole(AriaRole.HEADING, named("On both sides"))).isVisible();

    page.getByRole(AriaRole.LINK, named("Keys")).click();
    page.getByRole(AriaRole.LINK, named("On both sides")).click();
    button(page, "Revoke").click();
    page.locator("dialog[open] button[type=submit]").click();
    assertThat(page.locator(".receipt"))
        .hasText(Pattern.compile("Revoked. In force on 1 of 1 node after \\d+ ms\\.\\s*"));
    assertThat(page.locator("dl.facts").first()).containsText("revoked");
    assertThat(page.locator(".timeline > li").first()).containsText("Revoked");
  }

  @Test
  @Order(2)
  void aNodeWithoutItsLogIsSaidToBeBehindUntilItIsNot() {
    Page page =
        BROWSER.open(
            nginx.uri(), new Signed(command.rootKey(), ""), "/keys", new NewContextOptions());
    Locator behind = page.locator(".connection");
    assertThat(page.locator("keys-page > .fine")).containsText("1 key");
    assertThat(behind).isHidden();
    line.become(Line.CUT);
    page.getByRole(AriaRole.SEARCHBOX).fill("anything");
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("req_");
    assertThat(behind).containsText("The node that answers is behind the log");

    line.become(Line.GOOD);
    await().atMost(PATIENCE).until(() -> query.root().get("/v1/keys?limit=1").status() == 200);
    button(page, "Try again").click();
    assertThat(page.getByText("No key matches")).isVisible();
    assertThat(behind).isHidden();
  }
}
