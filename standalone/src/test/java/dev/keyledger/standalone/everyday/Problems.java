package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The form of every error answer. */
final class Problems {
  private static final Set<String> MEMBERS =
      Set.of("type", "title", "status", "detail", "instance", "code", "requestId");

  private Problems() {}

  /** Requires a problem (RFC 9457) of that status and code, complete and without other fields. */
  static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    JsonNode problem = answer.body();
    var members = new TreeSet<>(problem.propertyNames());
    members.remove("errors");
    assertThat(members).isEqualTo(new TreeSet<>(MEMBERS));
    assertThat(problem.path("code").asString()).isEqualTo(code);
    assertThat(problem.path("type").asString()).isEqualTo("/problems/" + code);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("requestId").asString())
        .isNotEmpty()
        .isEqualTo(answer.header("Keyledger-Request-Id"));
  }

  /** Requires the same for input with one invalid field. */
  static void assertWrongField(Answer answer, int status, String code, String field) {
    assertProblem(answer, status, code);
    assertThat(answer.body().path("errors")).as(answer.text()).hasSize(1);
    assertThat(answer.body().path("errors").path(0).path("field").asString()).isEqualTo(field);
    assertThat(answer.body().path("errors").path(0).path("message").asString()).isNotEmpty();
  }
}
