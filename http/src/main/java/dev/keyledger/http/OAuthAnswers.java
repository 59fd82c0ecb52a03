package dev.keyledger.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * Answers as OAuth 2.0 wants them. Where its documents fix what a refusal looks like (RFC 6749
 * section 5.2, RFC 6750 section 3.1), that counts; whatever they do not speak of stays a problem.
 */
public final class OAuthAnswers {
  private OAuthAnswers() {}

  private record Refusal(
      String error, @JsonProperty("error_description") String errorDescription) {}

  /** The answer to a call: what the work gives, as JSON, or a refusal. */
  public static ResponseEntity<byte[]> answer(ApiCall call, Supplier<Object> work) {
    try {
      return json(ResponseEntity.ok(), work.get());
    } catch (ProblemException problem) {
      return refusal(call, problem);
    }
  }

  private static ResponseEntity<byte[]> refusal(ApiCall call, ProblemException problem) {
    return switch (problem.code()) {
      case BAD_REQUEST ->
          json(ResponseEntity.badRequest(), new Refusal("invalid_request", problem.detail()));
      case UNAUTHORIZED ->
          json(
              ResponseEntity.status(problem.code().status())
                  .headers(headers ->
                      problem
                          .headers()
                          .forEach(header -> headers.set(header.name(), header.value())))
                  .header(HttpHeaders.WWW_AUTHENTICATE, challenge(call)),
              new Refusal("invalid_client", "Send a credential that is good here."));
      case FORBIDDEN ->
          json(
              ResponseEntity.status(problem.code().status())
                  .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\""),
              new Refusal("insufficient_scope", problem.detail()));
      default -> throw problem;
    };
  }

  /** The scheme that the client tried (RFC 6749 section 5.2), Bearer if it tried none. */
  private static String challenge(ApiCall call) {
    String authorization = call.header(HttpHeaders.AUTHORIZATION);
    return isBasic(authorization) ? "Basic realm=\"keyledger\"" : "Bearer";
  }

  private static boolean isBasic(@Nullable String authorization) {
    return authorization != null && BasicCredential.isOfScheme(authorization);
  }

  private static ResponseEntity<byte[]> json(ResponseEntity.BodyBuilder answer, Object body) {
    return answer
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noStore())
        .body(StrictJson.MAPPER.writeValueAsBytes(body));
  }
}
