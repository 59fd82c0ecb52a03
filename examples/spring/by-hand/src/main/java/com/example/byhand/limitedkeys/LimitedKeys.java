package com.example.byhand.limitedkeys;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.util.Assert;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Keys with permissions, in the table {@code limited_keys}. Each action requires its own. The
 * holder of {@code ADMIN_KEY} issues and revokes keys.
 */
@SpringBootApplication
public class LimitedKeys {
  private static final Set<String> PERMISSIONS = Set.of("read:users", "write:users");

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

  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @interface RequiresPermission {
    String value();
  }

  record NewKey(List<String> permissions) {}

  record IssuedKey(String id, String key) {}

  @RestController
  @RequestMapping("/keys")
  static class Administration {
    private final Keys keys;

    Administration(Keys keys) {
      this.keys = keys;
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    IssuedKey issue(@RequestBody NewKey key) {
      if (key.permissions() == null || !PERMISSIONS.containsAll(key.permissions())) {
        throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
      }
      return keys.issue(key.permissions());
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable String id) {
      if (!keys.revoke(id)) {
        throw new ResponseStatusException(HttpStatus.NOT_FOUND);
      }
    }
  }

  /** The table. Keys are random and long: a fast hash without salt is enough. */
  @Component
  static class Keys {
    private final SecureRandom random = new SecureRandom();
    private final JdbcClient database;

    Keys(JdbcClient database) {
      this.database = database;
    }

    Optional<List<String>> permissionsOf(String key) {
      return database
          .sql("SELECT permissions FROM limited_keys WHERE digest = ? AND revoked_at IS NULL")
          .param(digest(key))
          .query((row, number) -> List.of((String[]) row.getArray("permissions").getArray()))
          .optional();
    }

    IssuedKey issue(List<String> permissions) {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      String key = "ak_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      String id =
          database
              .sql("INSERT INTO limited_keys (digest, permissions) VALUES (?, ?) RETURNING id")
              .params(digest(key), permissions.toArray(String[]::new))
              .query(String.class)
              .single();
      return new IssuedKey(id, key);
    }

    boolean revoke(String id) {
      return database
              .sql("UPDATE limited_keys SET revoked_at = now() WHERE id = ? AND revoked_at IS NULL")
              .param(id)
              .update()
          > 0;
    }

    private static byte[] digest(String key) {
      try {
        return MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Configuration
  static class Guards implements WebMvcConfigurer {
    private final Keys keys;
    private final byte[] adminKey;

    Guards(Keys keys, @Value("${ADMIN_KEY}") String adminKey) {
      Assert.hasText(adminKey, "Set ADMIN_KEY");
      this.keys = keys;
      this.adminKey = adminKey.getBytes(UTF_8);
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
      registry.addInterceptor(new KeyGuard()).excludePathPatterns("/keys/**", "/error");
      registry.addInterceptor(new AdminGuard()).addPathPatterns("/keys/**");
    }

    private class KeyGuard implements HandlerInterceptor {
      @Override
      public boolean preHandle(
          HttpServletRequest request, HttpServletResponse response, Object handler) {
        Optional<List<String>> permissions = keys.permissionsOf(presentedKey(request));
        if (permissions.isEmpty()) {
          return unauthorized(response);
        }
        RequiresPermission required =
            handler instanceof HandlerMethod method
                ? method.getMethodAnnotation(RequiresPermission.class)
                : null;
        return required == null
            || permissions.get().contains(required.value())
            || forbidden(response, required.value());
      }
    }

    private class AdminGuard implements HandlerInterceptor {
      @Override
      public boolean preHandle(
          HttpServletRequest request, HttpServletResponse response, Object handler) {
        return MessageDigest.isEqual(presentedKey(request).getBytes(UTF_8), adminKey)
            || unauthorized(response);
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

    private static boolean unauthorized(HttpServletResponse response) {
      response.setHeader("WWW-Authenticate", "Bearer");
      response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
      return false;
    }

    private static boolean forbidden(HttpServletResponse response, String permission) {
      response.setHeader(
          "WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"" + permission + "\"");
      response.setStatus(HttpServletResponse.SC_FORBIDDEN);
      return false;
    }
  }
}
