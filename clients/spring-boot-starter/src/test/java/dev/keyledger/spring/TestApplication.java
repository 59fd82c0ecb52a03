package dev.keyledger.spring;

import java.util.concurrent.Callable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application with a little of everything. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({TestApplication.Users.class, TestApplication.Invoices.class})
class TestApplication {
  @RestController
  static class Users {
    @CrossOrigin("https://app.example")
    @GetMapping("/me")
    String me(@AuthenticationPrincipal ApiKeyPrincipal key) {
      return key.keyId() + " " + key.owner();
    }

    @RequiresPermission("read:users")
    @GetMapping("/users")
    String users() {
      return "users";
    }

    @PreAuthorize("@keyledger.permits('write:users', 'write:groups')")
    @PostMapping("/users")
    String create() {
      return "created";
    }

    @RequiresPermission(
        value = "read:reports",
        anyOf = {"see:all", "see:some"})
    @GetMapping("/reports")
    String reports() {
      return "reports";
    }

    @PreAuthorize("hasRole('ADMIN')")
    @GetMapping("/admin")
    String admin() {
      return "admin";
    }

    @PreAuthorize("hasAuthority('read:*')")
    @GetMapping("/everything")
    String everything() {
      return "everything";
    }

    @GetMapping("/later")
    Callable<String> later() {
      return () -> "later";
    }

    @GetMapping("/broken")
    String broken() {
      throw new IllegalStateException("broken");
    }
  }

  @RestController
  @RequiresPermission("read:invoices")
  static class Invoices {
    @GetMapping("/invoices")
    String invoices() {
      return "invoices";
    }

    @RequiresPermission("write:invoices")
    @PostMapping("/invoices")
    String create() {
      return "created";
    }
  }
}
