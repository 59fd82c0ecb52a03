package dev.keyledger.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of an answer that reports an error (RFC 9457). */
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    @Nullable String instance,
    String code,
    @Nullable String requestId,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FieldError> errors) {
  private static final String RETRY_AFTER_SECONDS = "1";

  /** Returns the answer to a request that ended with a problem. */
  public static HttpAnswer answer(ProblemException problem, String requestId) {
    HttpAnswer answer = answer(problem.code(), of(problem, requestId));
    for (HttpAnswer.Header header : problem.headers()) {
      answer = answer.with(header.name(), header.value());
    }
    return answer.with(RequestId.HEADER, requestId);
  }

  /** Returns an answer that has the same bytes for every request. */
  public static HttpAnswer constantAnswer(ProblemException problem) {
    return answer(problem.code(), of(problem, null, null));
  }

  /** Returns the body of the answer to a request. */
  public static Problem of(ProblemException problem, String requestId) {
    return of(problem, "urn:keyledger:request:" + requestId, requestId);
  }

  private static Problem of(
      ProblemException problem, @Nullable String instance, @Nullable String requestId) {
    ProblemCode code = problem.code();
    return new Problem(
        "/problems/" + code.code(),
        code.title(),
        code.status(),
        problem.detail(),
        instance,
        code.code(),
        requestId,
        problem.errors());
  }

  private static HttpAnswer answer(ProblemCode code, Problem body) {
    var headers = new ArrayList<HttpAnswer.Header>();
    headers.add(new HttpAnswer.Header("Content-Type", "application/problem+json"));
    headers.add(new HttpAnswer.Header("Cache-Control", "no-store"));
    switch (code) {
      case UNAUTHORIZED -> headers.add(new HttpAnswer.Header("WWW-Authenticate", "Bearer"));
      case RATE_LIMITED, NOT_YET_APPLIED, STORE_UNAVAILABLE, STALE ->
          headers.add(new HttpAnswer.Header("Retry-After", RETRY_AFTER_SECONDS));
      default -> {
        // the status says it all
      }
    }
    return new HttpAnswer(code.status(), headers, StrictJson.MAPPER.writeValueAsBytes(body));
  }
}
