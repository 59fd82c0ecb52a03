package dev.keyledger.access.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** The body of an answer that is an error (RFC 9457). */
record Problem(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    String code,
    String requestId,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FieldError> errors) {

  static Problem of(ProblemException problem, String requestId) {
    ProblemCode code = problem.code();
    return new Problem(
        "/problems/" + code.code(),
        code.title(),
        code.status(),
        problem.detail(),
        "urn:keyledger:request:" + requestId,
        code.code(),
        requestId,
        problem.errors());
  }
}
