package com.example.keyledger.sharedkey;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** One key that all clients share. It is changed at Keyledger, one client after the other. */
@SpringBootApplication
public class SharedKey {
  public static void main(String[] arguments) {
    SpringApplication.run(SharedKey.class, arguments);
  }

  @RestController
  static class Users {
    @GetMapping("/users")
    Map<String, Object> users() {
      return Map.of("users", List.of("ada", "grace"));
    }
  }
}
