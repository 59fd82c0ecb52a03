package com.example.byhand.expiringkeys;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.util.Assert;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Keys that expire, in the table {@code expiring_keys}. {@code REMINDER_URL} gets reminders,
 * answers say when a renewal is due, and holders renew their keys. The holder of {@code ADMIN_KEY}
 * issues and revokes them.
 */
@SpringBootApplication
@EnableScheduling
public class ExpiringKeys {
  private static final int LIFETIME_DAYS = 90;
  private static final int LIFETIME_DAYS_MAX = 366;
  private static final List<Integer> REMINDER_DAYS = List.of(30, 7, 1);

  public static void main(String[] arguments) {
    SpringApplication.run(ExpiringKeys.class, arguments);
  }

  @RestController
  static class Users {
    @GetMapping("/users")
    Map<String, Object> users() {
      return Map.of("users", List.of("ada", "grace"));
    }
  }

  record ApiKey(String id, Instant expiresAt, boolean renewalDue) {}

  record NewKey(String owner, Integer lifetimeDays) {}

  record IssuedKey(String id, Instant expiresAt, String key) {}

  record DueKey(String id, String owner, Instant expiresAt, int days) {}

  @RestController
  static class Renewals {
    private final Keys keys;

    Renewals(Keys keys) {
      this.keys = keys;
    }

    @PostMapping("/renewals")
    Map<String, Object> renew(@RequestAttribute ApiKey apiKey) {
      return Map.of("expiresAt", keys.renew(apiKey.id()));
    }
  }

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
      if (key.owner() == null || !key.owner().matches("(app|service|user):[!-~]{1,255}")) {
        throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
      }
      int days = key.lifetimeDays() == null ? LIFETIME_DAYS : key.lifetimeDays();
      if (days < 1 || days > LIFETIME_DAYS_MAX) {
        throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
      }
      return keys.issue(key.owner(), days);
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

    Optional<ApiKey> find(String key) {
      return database
          .sql(
              """
              SELECT id, expires_at, expires_at < now() + ? * interval '1 day' AS renewal_due
              FROM expiring_keys WHERE digest = ? AND revoked_at IS NULL AND now() < expires_at
              """)
          .params(Collections.max(REMINDER_DAYS), digest(key))
          .query((row, number) ->
              new ApiKey(
                  row.getString("id"),
                  row.getTimestamp("expires_at").toInstant(),
                  row.getBoolean("renewal_due")))
          .optional();
    }

    IssuedKey issue(String owner, int days) {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      String key = "ak_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      return database
          .sql(
              """
              INSERT INTO expiring_keys (digest, owner, expires_at)
              VALUES (?, ?, now() + ? * interval '1 day') RETURNING id, expires_at
              """)
          .params(digest(key), owner, days)
          .query((row, number) ->
              new IssuedKey(row.getString("id"), row.getTimestamp("expires_at").toInstant(), key))
          .single();
    }

    Instant renew(String id) {
      return database
          .sql(
              """
              UPDATE expiring_keys SET reminded_days = NULL,
                expires_at = greatest(expires_at, now() + ? * interval '1 day')
              WHERE id = ? AND revoked_at IS NULL RETURNING expires_at
              """)
          .params(LIFETIME_DAYS, id)
          .query((row, number) -> row.getTimestamp("expires_at").toInstant())
          .optional()
          .orElseThrow(() -> new ResponseStatusException(HttpStatus.UNAUTHORIZED));
    }

    List<DueKey> due() {
      return database
          .sql(
              """
              SELECT id, owner, expires_at, min(days) AS days
              FROM expiring_keys, unnest(?::int[]) AS days
              WHERE revoked_at IS NULL AND now() < expires_at
                AND expires_at < now() + days * interval '1 day'
                AND days < coalesce(reminded_days, days + 1)
              GROUP BY id
              """)
          .param(REMINDER_DAYS.toArray(Integer[]::new))
          .query((row, number) ->
              new DueKey(
                  row.getString("id"),
                  row.getString("owner"),
                  row.getTimestamp("expires_at").toInstant(),
                  row.getInt("days")))
          .list();
    }

    void reminded(DueKey key) {
      database
          .sql("UPDATE expiring_keys SET reminded_days = ? WHERE id = ?")
          .params(key.days(), key.id())
          .update();
    }

    boolean revoke(String id) {
      return database
              .sql(
                  "UPDATE expiring_keys SET revoked_at = now() WHERE id = ? AND revoked_at IS NULL")
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

  /**
   * Sends reminders. A reminder is recorded once it has arrived: it may come twice, but is not
   * lost.
   */
  @Component
  static class Reminders {
    private final Keys keys;
    private final RestClient receiver;

    Reminders(Keys keys, @Value("${REMINDER_URL}") String url) {
      this.keys = keys;
      this.receiver = RestClient.create(url);
    }

    @Scheduled(fixedRate = 1, timeUnit = TimeUnit.HOURS)
    void remind() {
      for (DueKey key : keys.due()) {
        receiver.post().body(key).retrieve().toBodilessEntity();
        keys.reminded(key);
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
        Optional<ApiKey> key = keys.find(presentedKey(request));
        if (key.isEmpty()) {
          return unauthorized(response);
        }
        if (key.get().renewalDue()) {
          response.setHeader("Renewal-Due", key.get().expiresAt().toString());
        }
        request.setAttribute("apiKey", key.get());
        return true;
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
  }
}
