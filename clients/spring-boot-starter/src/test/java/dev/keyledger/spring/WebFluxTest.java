package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.client.Decision;
import dev.keyledger.spring.test.FakeKeyledger;
import dev.keyledger.spring.test.FakeKeyledgerAutoConfiguration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.core.userdetails.ReactiveUserDetailsService;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The guard of WebFlux. */
class WebFluxTest {
  private final ReactiveWebApplicationContextRunner runner =
      new ReactiveWebApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  HttpHandlerAutoConfiguration.class,
                  WebFluxAutoConfiguration.class,
                  ReactiveUserDetailsServiceAutoConfiguration.class,
                  ReactiveWebSecurityAutoConfiguration.class,
                  KeyledgerAutoConfiguration.class,
                  KeyledgerReactiveAutoConfiguration.class))
          .withBean(Users.class);

  @RestController
  static class Users {
    @CrossOrigin("https://app.example")
    @GetMapping("/me")
    Mono<String> me(@AuthenticationPrincipal ApiKeyPrincipal key) {
      return Mono.just(key.keyId());
    }

    @RequiresPermission("read:users")
    @GetMapping("/users")
    Flux<String> users() {
      return Flux.just("users");
    }

    @PreAuthorize("@keyledger.permits('write:users')")
    @PostMapping("/users")
    Mono<String> create() {
      return Mono.just("created");
    }
  }

  private void guarded(BiConsumer<WebTestClient, FakeKeyledger> test) {
    runner
        .withConfiguration(AutoConfigurations.of(FakeKeyledgerAutoConfiguration.class))
        .run(context ->
            test.accept(
                WebTestClient.bindToApplicationContext(context).build(),
                context.getBean(FakeKeyledger.class)));
  }

  private static WebTestClient.ResponseSpec get(WebTestClient client, String path, String key) {
    return client.get().uri(path).header("X-API-Key", key).exchange();
  }

  private static void assertUnauthorized(WebTestClient.ResponseSpec answer) {
    answer
        .expectStatus()
        .isEqualTo(401)
        .expectHeader()
        .valueEquals("WWW-Authenticate", "Bearer")
        .expectHeader()
        .contentType("application/problem+json")
        .expectBody(String.class)
        .value(body -> assertThat(body).contains("\"code\":\"unauthorized\""));
  }

  @Test
  void everyRequestNeedsAGoodKey() {
    guarded((client, keyledger) -> {
      String key = keyledger.issue();
      get(client, "/me", key).expectStatus().isOk().expectBody(String.class).isEqualTo("key_fake1");
      assertUnauthorized(client.get().uri("/me").exchange());
      assertUnauthorized(client.post().uri("/users").exchange());
      assertUnauthorized(get(client, "/me", "unknown"));
      keyledger.revoke(key);
      assertUnauthorized(get(client, "/me", key));
    });
  }

  @Test
  void methodsRequirePermissions() {
    guarded((client, keyledger) -> {
      get(client, "/users", keyledger.issue("read:*")).expectStatus().isOk();
      get(client, "/users", keyledger.issue("write:*"))
          .expectStatus()
          .isForbidden()
          .expectHeader()
          .contentType("application/problem+json")
          .expectHeader()
          .valueEquals(
              "WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"read:users\"");
      create(client, keyledger.issue("write:users")).expectStatus().isOk();
      create(client, keyledger.issue("read:users"))
          .expectStatus()
          .isForbidden()
          .expectHeader()
          .valueEquals("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
    });
  }

  private static WebTestClient.ResponseSpec create(WebTestClient client, String key) {
    return client.post().uri("/users").header("X-API-Key", key).exchange();
  }

  @Test
  void keysThatCannotBeCheckedAreRefused() {
    guarded((client, keyledger) -> {
      String key = keyledger.issue();
      keyledger.cutOff();
      get(client, "/me", key)
          .expectStatus()
          .isEqualTo(503)
          .expectHeader()
          .contentType("application/problem+json")
          .expectHeader()
          .valueEquals("Retry-After", "1");
    });
  }

  @Test
  void browsersMayAskWhetherTheyMay() {
    guarded((client, keyledger) -> {
      preFlight(client, "/me")
          .expectStatus()
          .isOk()
          .expectHeader()
          .valueEquals("Access-Control-Allow-Origin", "https://app.example");
      preFlight(client, "/users").expectHeader().doesNotExist("Access-Control-Allow-Origin");
      assertUnauthorized(client.options().uri("/users").exchange());
    });
  }

  private static WebTestClient.ResponseSpec preFlight(WebTestClient client, String path) {
    return client
        .options()
        .uri("http://api.example" + path)
        .header("Origin", "https://app.example")
        .header("Access-Control-Request-Method", "GET")
        .exchange();
  }

  @Test
  void checksBlockNoEventLoop() {
    var mayBlock = new AtomicBoolean();
    ApiKeyVerifier verifier =
        (key, ip) -> {
          mayBlock.set(Thread.currentThread().getName().startsWith("boundedElastic"));
          return Optional.<Decision>empty();
        };
    runner
        .withBean(ApiKeyVerifier.class, () -> verifier)
        .run(context -> {
          WebTestClient client = WebTestClient.bindToApplicationContext(context).build();
          get(client, "/me", "k").expectStatus().isEqualTo(503);
          assertThat(mayBlock).isTrue();
        });
  }

  static class OwnChain {
    @Bean
    SecurityWebFilterChain own(ServerHttpSecurity http, ApiKeyServerSecurity keys) {
      return keys.accept(http)
          .authorizeExchange(requests ->
              requests
                  .pathMatchers("/me")
                  .access(ApiKeyServerSecurity.permission("see:me"))
                  .anyExchange()
                  .permitAll())
          .build();
    }
  }

  @Test
  void aChainOfTheApplicationTakesOver() {
    runner
        .withUserConfiguration(OwnChain.class)
        .withConfiguration(AutoConfigurations.of(FakeKeyledgerAutoConfiguration.class))
        .run(context -> {
          assertThat(context).getBeanNames(SecurityWebFilterChain.class).containsExactly("own");
          WebTestClient client = WebTestClient.bindToApplicationContext(context).build();
          FakeKeyledger keyledger = context.getBean(FakeKeyledger.class);
          get(client, "/me", keyledger.issue("see:me")).expectStatus().isOk();
          get(client, "/me", keyledger.issue("see:you"))
              .expectStatus()
              .isForbidden()
              .expectHeader()
              .valueEquals("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
          assertUnauthorized(client.get().uri("/me").exchange());
          assertUnauthorized(client.get().uri("/users").exchange());
          create(client, keyledger.issue("write:users")).expectStatus().isOk();
          client.post().uri("/users").exchange().expectStatus().isForbidden();
        });
  }

  @Test
  void healthIsOpenAndNothingElse() {
    runner
        .withConfiguration(
            AutoConfigurations.of(
                FakeKeyledgerAutoConfiguration.class,
                EndpointAutoConfiguration.class,
                WebEndpointAutoConfiguration.class,
                HealthContributorAutoConfiguration.class,
                HealthContributorRegistryAutoConfiguration.class,
                HealthEndpointAutoConfiguration.class))
        .run(context -> {
          WebTestClient client = WebTestClient.bindToApplicationContext(context).build();
          // Nothing is mapped there in this test, so that permitted requests get 404.
          client.get().uri("/actuator/health").exchange().expectStatus().isNotFound();
          assertUnauthorized(client.get().uri("/actuator/metrics").exchange());
        });
  }

  @Test
  void noUserIsMadeUp() {
    runner
        .withConfiguration(AutoConfigurations.of(FakeKeyledgerAutoConfiguration.class))
        .run(context -> assertThat(context).doesNotHaveBean(ReactiveUserDetailsService.class));
  }
}
