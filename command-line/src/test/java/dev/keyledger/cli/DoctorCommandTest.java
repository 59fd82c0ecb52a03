package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.cli.DoctorCommand.Finding;
import dev.keyledger.cli.DoctorCommand.Outcome;
import dev.keyledger.cli.FakeService.Answer;
import dev.keyledger.client.Self.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  private static final Instant NOW = Sandbox.NOW;

  @TempDir private Path directory;

  @Test
  void clocksMayBeTwoSecondsApart() {
    assertThat(outcome(DoctorCommand.clock(NOW, NOW.plusSeconds(2)))).isEqualTo(Outcome.OK);
    assertThat(outcome(DoctorCommand.clock(NOW, NOW.minusSeconds(2)))).isEqualTo(Outcome.OK);
    assertThat(DoctorCommand.clock(NOW, NOW.plusMillis(2001)).detail())
        .contains("2 s ahead of the service");
    assertThat(outcome(DoctorCommand.clock(NOW, NOW.minusMillis(2001)))).isEqualTo(Outcome.PROBLEM);
    assertThat(outcome(DoctorCommand.clock(null, NOW))).isEqualTo(Outcome.NOT_CHECKED);
  }

  @Test
  void knowledgeMayBeFiveSecondsOld() {
    assertThat(outcome(DoctorCommand.staleness(NOW.minusSeconds(5), NOW))).isEqualTo(Outcome.OK);
    assertThat(outcome(DoctorCommand.staleness(NOW.minusMillis(5001), NOW)))
        .isEqualTo(Outcome.PROBLEM);
    assertThat(outcome(DoctorCommand.staleness(NOW, null))).isEqualTo(Outcome.NOT_CHECKED);
  }

  @Test
  void anExpiryWithinTwoWeeksIsSoon() {
    assertThat(DoctorCommand.isSoon(NOW.plus(Duration.ofDays(14)), NOW)).isFalse();
    assertThat(DoctorCommand.isSoon(NOW.plus(Duration.ofDays(14)).minusNanos(1), NOW)).isTrue();
  }

  @Test
  void secretsNeedTlsOffThisMachine() {
    assertThat(encryption("http://127.0.0.1:8080")).isEqualTo(Outcome.OK);
    assertThat(encryption("http://keys.example.com")).isEqualTo(Outcome.PROBLEM);
  }

  @Test
  void theRootKeyIsForNoEverydayUse() {
    var root = new Identity(null, "default", List.of("keyledger:*"), false, List.of(), null);
    assertThat(outcome(DoctorCommand.credential(root, NOW))).isEqualTo(Outcome.WARNING);
  }

  @Test
  void versionsAreCompared() {
    assertThat(
            DoctorCommand.versionIn(
                "{\"openapi\":\"3.1.1\",\"info\":{\"title\":\"Keyledger\",\"version\":\"0.2.0\"}}"))
        .isEqualTo("0.2.0");
    assertThat(DoctorCommand.versionIn("{\"version\":\"0.2.0\"}")).isNull();
    assertThat(outcome(DoctorCommand.versions("0.2.0", "0.2.0"))).isEqualTo(Outcome.OK);
    assertThat(outcome(DoctorCommand.versions("0.2.0", "0.3.0"))).isEqualTo(Outcome.WARNING);
  }

  @Test
  void anotherServiceAndNoServiceAreReported() {
    var sandbox = new Sandbox(directory);
    try (var service = new FakeService()) {
      service.answers = request -> new Answer(200, "text/html", "<html>");
      sandbox.environment.put("KEYLEDGER_URL", service.url());
      assertThat(sandbox.run("doctor")).isEqualTo(9);
      assertThat(sandbox.out()).contains("is no Keyledger");
    }
    assertThat(sandbox.run("doctor", "--json")).isEqualTo(9);
    assertThat(sandbox.out())
        .startsWith("[{\"check\":\"connection\",\"outcome\":\"problem\",\"detail\":\"http://127");
  }

  @Test
  void aCredentialThatIsNotGoodIsAProblem() {
    var sandbox = new Sandbox(directory);
    try (var service = new FakeService()) {
      service.answers =
          request ->
              request.endsWith("/v3/api-docs")
                  ? FakeService.json("{\"info\":{\"title\":\"Keyledger\",\"version\":\"0.2.0\"}}")
                  : request.endsWith("/readiness")
                      ? FakeService.json("{}")
                      : FakeService.problem(401, "unauthorized");
      sandbox.environment.put("KEYLEDGER_URL", service.url());
      assertThat(sandbox.run("doctor")).isEqualTo(1);
      assertThat(sandbox.out()).containsPattern("credential +problem +There is no credential");
      sandbox.environment.put("KEYLEDGER_KEY", "kl_live_x");
      assertThat(sandbox.run("doctor")).isEqualTo(1);
      assertThat(sandbox.out()).containsPattern("credential +problem +401");
    }
  }

  private static Outcome encryption(String url) {
    return outcome(DoctorCommand.encryption(new Target(url, null, null), null, NOW));
  }

  private static Outcome outcome(Finding finding) {
    return finding.outcome();
  }
}
