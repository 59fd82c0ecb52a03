package dev.keyledger.http.request;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import java.util.function.Supplier;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * Writes answers in the form of OAuth 2.0. A refusal has the form of RFC 6749 section 5.2 and RFC
 * 6750 section 3.1, if they define it; otherwise it is a problem (RFC 9457).
 */
public final class OAuthAnswers {
  private OAuthAnswers() {}

  private record Refusal(
      String error, @JsonProperty("error_description") String errorDescription) {}

  /** Returns the result of some work as JSON, or the refusal that ended it. */
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

  /** Returns a challenge of the scheme that the client used (RFC 6749 section 5.2), or Bearer. */
  private static String challenge(ApiCall call) {
    return call.usesBasic() ? "Basic realm=\"keyledger\"" : "Bearer";
  }

  private static ResponseEntity<byte[]> json(ResponseEntity.BodyBuilder answer, Object body) {
    return answer
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noStore())
        .body(StrictJson.MAPPER.writeValueAsBytes(body));
  }
}
