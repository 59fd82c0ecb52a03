package dev.keyledger.checking.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.keyledger.access.Caller;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyView;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.OAuthAnswers;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Token introspection (RFC 7662): a key is a token, active as long as it is valid in the
 * environment {@code live}.
 */
@RestController
@RequestMapping(path = "/oauth2/introspect", produces = MediaType.APPLICATION_JSON_VALUE)
class IntrospectionController {
  private final FreshVerifier verifier;

  IntrospectionController(FreshVerifier verifier) {
    this.verifier = verifier;
  }

  @PostMapping
  ResponseEntity<byte[]> introspect(ApiCall call) {
    return OAuthAnswers.answer(
        call,
        () -> {
          KeySecret token = KeySecret.of(call.allowQuery().form().required("token")).stripped();
          Caller caller = call.authorizeClient("verify");
          Verdict verdict =
              verifier
                  .verify(Check.of(token, caller.workspace()), null)
                  .orElseThrow(VerificationHandler::stale);
          KeyView key = verdict.decision().key();
          return key == null || !verdict.decision().valid() ? Inactive.TOKEN : Active.of(key);
        });
  }

  /** The answer for every token that is not active, for whatever reason. */
  private record Inactive(boolean active) {
    static final Inactive TOKEN = new Inactive(false);
  }

  /**
   * The answer for an active token. Times are in seconds since 1970.
   *
   * @param scope the permissions of the key, separated by spaces
   * @param iat when the key was issued
   * @param nbf when it became valid; null if it was at once
   * @param exp when it expires; null if it never does
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
    static Active of(KeyView key) {
      KeyFacts facts = key.facts();
      return new Active(
          true,
          String.join(" ", facts.permissions()),
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
