package dev.keyledger.spring;

import dev.keyledger.client.Check;
import dev.keyledger.client.Environment;
import dev.keyledger.client.Secret;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the starter.
 *
 * @param url URL of Keyledger, such as http://127.0.0.1:8080. Required.
 * @param key Secret of an operator key with keyledger:verify, or the root key. Required.
 * @param workspace Workspace of the keys. The one of the operator key unless set; default for the
 *     root key.
 * @param checkUrl URL for checks, such as that of the fast port. The same as the URL unless set.
 * @param credential Where a request has its key: some of bearer, x-api-key, header:NAME, separated
 *     by commas. The first place that is not empty decides.
 * @param environment Environment that keys must be for.
 * @param deadline How long a check may take, with its retry. After that the request is refused with
 *     a 503.
 * @param authorities Authorities, each with a permission: a key that holds the permission has the
 *     authority.
 * @param actuatorPermission Permission that a key needs for endpoints of Actuator other than
 *     health.
 * @param localDecisions Decisions that the application makes itself.
 */
@ConfigurationProperties("keyledger")
record KeyledgerProperties(
    @Nullable String url,
    @Nullable Secret key,
    @Nullable String workspace,
    @Nullable String checkUrl,
    @DefaultValue("x-api-key,bearer") String credential,
    @DefaultValue("live") RequiredEnvironment environment,
    @DefaultValue("2s") Duration deadline,
    @DefaultValue Map<String, String> authorities,
    @DefaultValue("actuator") String actuatorPermission,
    @DefaultValue LocalDecisionSettings localDecisions) {

  /** The environments that keys may be for. */
  enum RequiredEnvironment {
    LIVE,
    TEST,
    ANY;

    Check in(Check check) {
      return switch (this) {
        case LIVE -> check.environment(Environment.LIVE);
        case TEST -> check.environment(Environment.TEST);
        case ANY -> check.anyEnvironment();
      };
    }
  }

  /**
   * Settings of local decisions.
   *
   * @param size How many keys the application remembers, so that it decides about them itself while
   *     the live feed is connected; 0 for none. The key then needs keyledger:feed:read too.
   */
  record LocalDecisionSettings(@DefaultValue("0") int size) {}
}
