package com.example.byhand.sharedkey;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Component;
import org.springframework.util.Assert;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * One key that all clients share: the variable {@code API_KEY}. To change it, restart this with all
 * of its clients.
 */
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

  @Component
  static class KeyFilter extends OncePerRequestFilter {
    private final byte[] expected;

    KeyFilter(@Value("${API_KEY}") String expected) {
      Assert.hasText(expected, "Set API_KEY");
      this.expected = expected.getBytes(UTF_8);
    }

    @Override
    protected void doFilterInternal(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws ServletException, IOException {
      if (MessageDigest.isEqual(presentedKey(request).getBytes(UTF_8), expected)) {
        chain.doFilter(request, response);
      } else {
        response.setHeader("WWW-Authenticate", "Bearer");
        response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
      }
    }

    private static String presentedKey(HttpServletRequest request) {
      String key = request.getHeader("X-API-Key");
      String authorization = request.getHeader("Authorization");
      if (key != null) {
        return key;
      }
      return authorization != null && authorization.startsWith("Bearer ")
          ? authorization.substring("Bearer ".length())
          : "";
    }
  }
}
