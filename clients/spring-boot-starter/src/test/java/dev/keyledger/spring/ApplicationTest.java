package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.core.userdetails.UserDetailsService;

/** A whole application with three settings, over HTTP. */
class ApplicationTest {
  private static ServiceStandIn service;
  private static ConfigurableApplicationContext application;

  @BeforeAll
  static void start() throws IOException {
    service = new ServiceStandIn();
    application =
        new SpringApplicationBuilder(TestApplication.class)
            .properties(
                "keyledger.url=" + service.url(),
                "keyledger.key=secret",
                "keyledger.workspace=acme",
                "server.port=0",
                "server.address=127.0.0.1",
                "spring.main.banner-mode=off",
                "management.endpoints.web.exposure.include=health,metrics",
                "management.endpoint.health.show-components=always")
            .run();
  }

  @AfterAll
  static void stop() {
    application.close();
    service.close();
  }

  private static HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    String port = application.getEnvironment().getRequiredProperty("local.server.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theServiceIsAskedInTheWorkspace() throws Exception {
    assertThat(get("/me", "X-API-Key", "good").body()).isEqualTo("key_1 service:reports");
    assertThat(service.workspaces).contains("acme");
    assertThat(get("/me", "X-API-Key", "bad").statusCode()).isEqualTo(401);
    assertThat(
            application
                .getBean(MeterRegistry.class)
                .get("keyledger.check")
                .tag("outcome", "VALID")
                .tag("source", "SERVICE")
                .timer()
                .count())
        .isPositive();
  }

  @Test
  void errorsAreShownToAuthorizedCallersOnly() throws Exception {
    assertThat(get("/broken", "X-API-Key", "good").statusCode()).isEqualTo(500);
    assertThat(get("/nowhere", "X-API-Key", "good").statusCode()).isEqualTo(404);
    assertThat(get("/broken").statusCode()).isEqualTo(401);
    assertThat(get("/me;x=1").statusCode()).isEqualTo(400);
  }

  @Test
  void anAnswerMayComeFromAnotherThread() throws Exception {
    assertThat(get("/later", "X-API-Key", "good").body()).isEqualTo("later");
    assertThat(get("/later").statusCode()).isEqualTo(401);
  }

  @Test
  void healthIsOpenAndNothingElse() throws Exception {
    assertThat(get("/actuator/health").body()).contains("\"status\":\"UP\"", "\"keyledger\"");
    assertThat(get("/actuator/health/keyledger").statusCode()).isEqualTo(200);
    assertThat(get("/actuator/metrics").statusCode()).isEqualTo(401);
    assertThat(get("/actuator").statusCode()).isEqualTo(401);
    assertThat(get("/actuator/metrics", "X-API-Key", "good").statusCode()).isEqualTo(200);
  }

  @Test
  void noUserIsMadeUp() {
    assertThat(application.getBeanProvider(UserDetailsService.class).getIfAvailable()).isNull();
  }
}
