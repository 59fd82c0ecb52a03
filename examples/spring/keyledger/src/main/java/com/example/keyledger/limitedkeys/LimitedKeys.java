package com.example.keyledger.limitedkeys;

import dev.keyledger.spring.RequiresPermission;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Keys with permissions, which Keyledger issues. Each action requires its own. */
@SpringBootApplication
public class LimitedKeys {
  public static void main(String[] arguments) {
    SpringApplication.run(LimitedKeys.class, arguments);
  }

  @RestController
  static class Users {
    private final Set<String> users = new ConcurrentSkipListSet<>(List.of("ada", "grace"));

    @GetMapping("/users")
    @RequiresPermission("read:users")
    Map<String, Object> users() {
      return Map.of("users", users);
    }

    @PutMapping("/users/{name}")
    @RequiresPermission("write:users")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void add(@PathVariable String name) {
      users.add(name);
    }
  }
}
