package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.spring.ApiKeyPrincipal;
import dev.keyledger.spring.RequiresPermission;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application with the starter and three settings, in front of a node. One of WebFlux is tested
 * in the starter: its libraries would get into the jars of the service.
 */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class SpringStarterIT {
  private static final Path PAGE = Path.of("../docs/clients/spring-boot.md");
  private static final Pattern BODY = Pattern.compile("-d '(\\{.*?})'", Pattern.DOTALL);
  private static final String NOBODY = "http://127.0.0.1:1";

  @Import(Servlets.Users.class)
  static class Servlets {
    @RestController
    static class Users {
      @GetMapping("/users")
      @RequiresPermission("read:users")
      String users(@AuthenticationPrincipal ApiKeyPrincipal key) {
        return key.owner().toString();
      }
    }
  }

  @Test
  void threeSettingsGuardAnApplication(KeyledgerProcess node) throws Exception {
    List<String> printed =
        BODY.matcher(Files.readString(PAGE)).results().map(match -> match.group(1)).toList();
    Issuer root = node.issuer();
    IssuedKey operator = root.issuedFrom(printed.get(0));
    IssuedKey client = root.issuedFrom(printed.get(1));
    try (var application = start(node.uri().toString(), operator.secret())) {
      HttpResponse<String> answer = users(application, "X-API-Key", client.secret());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("app:first-client");
      assertThat(users(application, "Authorization", "Bearer " + client.secret()).statusCode())
          .isEqualTo(200);

      assertProblem(users(application), 401, "Bearer");
      assertProblem(
          users(application, "X-API-Key", root.issued("write:users").secret()),
          403,
          "Bearer error=\"insufficient_scope\", scope=\"read:users\"");
      root.done(client, "revoke", "{}");
      assertProblem(users(application, "X-API-Key", client.secret()), 401, "Bearer");
    }
    try (var application = start(NOBODY, operator.secret())) {
      assertProblem(users(application, "X-API-Key", client.secret()), 503, "");
    }
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String challenge) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).isEqualTo(challenge);
    assertThat(answer.body()).contains("\"status\":" + status);
  }

  private static ConfigurableApplicationContext start(String url, String key) {
    return SpringApplications.start(
        Servlets.class,
        SpringApplications.WithStarter.class,
        Map.of("keyledger.url", url, "keyledger.key", key, "keyledger.workspace", "default"));
  }

  private static HttpResponse<String> users(
      ConfigurableApplicationContext application, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(SpringApplications.uri(application).resolve("/users"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
