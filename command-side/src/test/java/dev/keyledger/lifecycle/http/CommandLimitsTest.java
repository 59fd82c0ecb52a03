package dev.keyledger.lifecycle.http;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Quota;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Two commands per second of a caller, and three of a workspace, with a manual clock. */
class CommandLimitsTest {
  private static final int OF_CALLER = 20;
  private static final int OF_WORKSPACE = 30;

  private long nanoTime;
  private final CommandLimits limits =
      new CommandLimits(
          new Quota<>("commands", 2, OF_CALLER, () -> nanoTime, 100),
          new Quota<>("workspace-commands", 3, OF_WORKSPACE, () -> nanoTime, 100));

  @Test
  void aCallerMaySendABurstAndThenItsRate() {
    Caller one = operator("one", "a");
    assertGranted(one, 1, OF_CALLER);

    assertThatExceptionOfType(ProblemException.class)
        .isThrownBy(() -> limits.count(one))
        .satisfies(refused -> {
          assertThat(refused.code()).isEqualTo(ProblemCode.RATE_LIMITED);
          assertThat(refused.headers())
              .contains(
                  new HttpAnswer.Header("Retry-After", "1"),
                  new HttpAnswer.Header("RateLimit-Policy", "\"commands\";q=20;w=10"));
        });
    pass(Duration.ofMillis(499));
    assertRefused(one);
    pass(Duration.ofMillis(1));
    assertGranted(one, 1, 1);
    assertRefused(one);
  }

  @Test
  void theCallersOfAWorkspaceShareItsLimit() {
    assertGranted(operator("one", "a"), 1, OF_CALLER);
    assertGranted(operator("two", "a"), 1, OF_WORKSPACE - OF_CALLER);

    assertThatExceptionOfType(ProblemException.class)
        .isThrownBy(() -> limits.count(operator("two", "a")))
        .satisfies(refused ->
            assertThat(refused.headers())
                .contains(
                    new HttpAnswer.Header("RateLimit-Policy", "\"workspace-commands\";q=30;w=10")));
    assertGranted(operator("three", "b"), 1, OF_CALLER);
  }

  @Test
  void aBatchCountsOnceForEachHundredKeys() {
    Caller one = operator("one", "a");
    assertGranted(one, 0, 1);
    assertGranted(one, 100, 1);
    assertGranted(one, 101, 1); // counts twice
    assertGranted(one, 1000, 1);
    assertGranted(one, 601, 1); // counts seven times, of six that were left
    assertRefused(one);
    pass(Duration.ofMillis(999));
    assertRefused(one);
    pass(Duration.ofMillis(1));
    assertGranted(one, 1, 1);
    assertRefused(one);
  }

  @Test
  void theRootKeyIsNotLimited() {
    assertGranted(new Caller(Actor.ROOT, "a", nothing()), 1000, 1_000);
    assertGranted(operator("one", "a"), 1, OF_CALLER);
  }

  @Test
  void theSettingsHaveDefaultsAndABurstOfTenSeconds() {
    assertThat(bind(Map.of())).isEqualTo(new CommandLimitProperties(1_000L, 5_000L));
    CommandLimitProperties most =
        bind(
            Map.of(
                "KEYLEDGER_LIMITS_COMMANDS_PER_CALLER", "1",
                "KEYLEDGER_LIMITS_COMMANDS_PER_WORKSPACE", "100000"));
    assertThat(most.ofCallers().burst()).isEqualTo(10);
    assertThat(most.ofWorkspaces().burst()).isEqualTo(1_000_000);
    assertThat(most.ofWorkspaces().window()).isEqualTo(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({
    "KEYLEDGER_LIMITS_COMMANDS_PER_CALLER, 0",
    "KEYLEDGER_LIMITS_COMMANDS_PER_CALLER, 100001",
    "KEYLEDGER_LIMITS_COMMANDS_PER_WORKSPACE, 0",
    "KEYLEDGER_LIMITS_COMMANDS_PER_WORKSPACE, 100001",
  })
  void anInvalidSettingIsNamed(String variable, String value) {
    assertThatThrownBy(() -> bind(Map.of(variable, value)))
        .rootCause()
        .hasMessageStartingWith(variable);
  }

  private void assertGranted(Caller caller, int keys, int times) {
    for (int i = 0; i < times; i++) {
      assertThatCode(() -> limits.count(caller)).doesNotThrowAnyException();
      limits.countKeys(caller, keys);
    }
  }

  private void assertRefused(Caller caller) {
    assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> limits.count(caller));
  }

  private void pass(Duration time) {
    nanoTime += time.toNanos();
  }

  private static Caller operator(String keyId, String workspace) {
    return new Caller(new Actor(ActorType.OPERATOR, keyId), workspace, nothing());
  }

  private static Ceiling nothing() {
    return new Ceiling(PermissionSet.of(List.of()));
  }

  private static CommandLimitProperties bind(Map<String, Object> environment) {
    return new Binder(
            requireNonNull(
                ConfigurationPropertySource.from(
                    new SystemEnvironmentPropertySource("systemEnvironment", environment))))
        .bindOrCreate("keyledger.limits", CommandLimitProperties.class);
  }
}
