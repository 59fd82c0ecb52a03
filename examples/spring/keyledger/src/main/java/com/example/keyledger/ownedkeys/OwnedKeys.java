package com.example.keyledger.ownedkeys;

import dev.keyledger.spring.ApiKeyPrincipal;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A key for each app, service and user. Keyledger issues and revokes them. */
@SpringBootApplication
public class OwnedKeys {
  public static void main(String[] arguments) {
    SpringApplication.run(OwnedKeys.class, arguments);
  }

  @RestController
  static class Users {
    @GetMapping("/users")
    Map<String, Object> users(@AuthenticationPrincipal ApiKeyPrincipal key) {
      return Map.of("caller", key.owner().toString(), "users", List.of("ada", "grace"));
    }
  }
}
