package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

import dev.keyledger.spring.test.AutoConfigureKeyledgerTest;
import dev.keyledger.spring.test.FakeKeyledger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

/** An application with its own chain, which defines the rules for each request. */
@WebMvcTest(TestApplication.Users.class)
@AutoConfigureKeyledgerTest
@Import(OwnChainTest.Chain.class)
class OwnChainTest {
  static class Chain {
    @Bean
    SecurityFilterChain own(HttpSecurity http) {
      return http.with(new ApiKeyConfigurer(), withDefaults())
          .authorizeHttpRequests(requests ->
              requests
                  .requestMatchers("/users")
                  .permitAll()
                  .requestMatchers("/me")
                  .access(ApiKeyConfigurer.permission("see:me"))
                  .anyRequest()
                  .authenticated())
          .build();
    }
  }

  @Autowired private MockMvcTester mvc;
  @Autowired private FakeKeyledger keyledger;

  @Test
  void theChainDecides() {
    assertThat(mvc.get().uri("/admin")).hasStatus(401);
    assertThat(mvc.get().uri("/me").header("X-API-Key", keyledger.issue("see:*"))).hasStatus(200);
    assertThat(mvc.get().uri("/me").header("X-API-Key", keyledger.issue("see:you")))
        .hasStatus(403)
        .hasHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"see:me\"");
    assertThat(mvc.get().uri("/me")).hasStatus(401).hasHeader("WWW-Authenticate", "Bearer");
  }

  @Test
  void methodsAreGuardedWhereTheChainIsOpen() {
    assertThat(mvc.get().uri("/users")).hasStatus(401);
    assertThat(mvc.get().uri("/users").header("X-API-Key", keyledger.issue("read:users")))
        .hasStatus(200);
  }

  @Test
  void onlyRequestsWithAKeyNeedNoTokenAgainstForgery() {
    assertThat(mvc.post().uri("/users").header("X-API-Key", keyledger.issue("*"))).hasStatus(200);
    assertThat(mvc.post().uri("/users")).hasStatus(403);
  }
}
