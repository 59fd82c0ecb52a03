package com.example.keyledger.expiringkeys;

import dev.keyledger.spring.ApiKeyPrincipal;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.RestController;

/**
 * Keys that expire. Keyledger reminds by webhook and mail, and holders renew there; answers say
 * when a renewal is due.
 */
@SpringBootApplication
public class ExpiringKeys {
  public static void main(String[] arguments) {
    SpringApplication.run(ExpiringKeys.class, arguments);
  }

  @ControllerAdvice(annotations = RestController.class)
  static class Reminders {
    @ModelAttribute
    void remind(@AuthenticationPrincipal ApiKeyPrincipal key, HttpServletResponse response) {
      if (key.key().renewalDue()) {
        response.setHeader("Renewal-Due", String.valueOf(key.key().expiresAt()));
      }
    }
  }

  @RestController
  static class Users {
    @GetMapping("/users")
    Map<String, Object> users() {
      return Map.of("users", List.of("ada", "grace"));
    }
  }
}
