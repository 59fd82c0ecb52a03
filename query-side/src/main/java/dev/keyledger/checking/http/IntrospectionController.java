package dev.keyledger.checking.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.keyledger.access.Caller;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyView;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.FormBody;
import dev.keyledger.http.request.Needs;
import dev.keyledger.http.request.OAuthAnswers;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Token introspection (RFC 7662): a key is a token, active as long as it is valid. Its environment
 * and its IP list count only if the resource server names an environment or an address.
 */
@RestController
@RequestMapping(path = "/oauth2/introspect", produces = MediaType.APPLICATION_JSON_VALUE)
class IntrospectionController {
  private final FreshVerifier verifier;

  IntrospectionController(FreshVerifier verifier) {
    this.verifier = verifier;
  }

  @PostMapping
  @Needs(value = "verify", form = true)
  ResponseEntity<byte[]> introspect(ApiCall call) {
    return OAuthAnswers.answer(
        call,
        () -> {
          FormBody form = call.authorizeClient("verify");
          var _ = call.allowQuery();
          KeySecret token = KeySecret.of(form.required("token")).stripped();
          Set<Environment> environments = form.optional("environment", CheckSyntax::environments);
          String ip = form.optional("ip", CheckSyntax::address);
          List<Permission> scope = form.optional("scope", CheckSyntax::scope);
          Caller caller = call.caller();
          var check =
              new Check(
                  token,
                  caller.workspace(),
                  environments == null ? Check.ANY_ENVIRONMENT : environments,
                  List.of(),
                  List.of(),
                  ip,
                  false);
          Decision decision =
              verifier.verify(check, null).orElseThrow(VerificationHandler::stale).decision();
          return decision.found() != null && isActive(decision, ip)
              ? Active.of(decision.found(), scope)
              : Inactive.TOKEN;
        });
  }

  /** Returns whether a key is valid; its IP list comes last, and counts only with an address. */
  private static boolean isActive(Decision decision, @Nullable String ip) {
    return decision.valid() || (ip == null && decision.code() == DecisionCode.IP_NOT_ALLOWED);
  }

  /** The answer to every token that is not active, for whatever reason. */
  private record Inactive(boolean active) {
    static final Inactive TOKEN = new Inactive(false);
  }

  /**
   * The answer for an active token. Times are in seconds since 1970.
   *
   * @param scope the permissions of the key, or the requested ones that it holds, separated by
   *     spaces
   * @param iat the issue of the key
   * @param nbf the start of its validity; null: since the issue
   * @param exp its expiry; null if it never expires
   */
  private record Active(
      boolean active,
      String scope,
      @JsonProperty("client_id") String clientId,
      String sub,
      @JsonProperty("token_type") String tokenType,
      long iat,
      @Nullable Long nbf,
      @Nullable Long exp) {
    static Active of(PresentedKey found, @Nullable List<Permission> asked) {
      KeyView key = found.view();
      KeyFacts facts = key.facts();
      PermissionSet held = found.permissions();
      List<Permission> scope =
          asked == null ? held.permissions() : asked.stream().filter(held::holds).toList();
      return new Active(
          true,
          scope.stream().map(Permission::value).collect(Collectors.joining(" ")),
          key.keyId().value(),
          facts.owner().toString(),
          "Bearer",
          key.createdAt().getEpochSecond(),
          seconds(facts.validity().notBefore()),
          seconds(facts.validity().expiresAt()));
    }

    private static @Nullable Long seconds(@Nullable Instant time) {
      return time == null ? null : time.getEpochSecond();
    }
  }
}
