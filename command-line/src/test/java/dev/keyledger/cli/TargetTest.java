package dev.keyledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.cli.Profiles.Profile;
import dev.keyledger.cli.Target.Given;
import dev.keyledger.client.Secret;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
  private static final Given NOTHING = new Given(null, null, null);
  private static final Profile PROFILE =
      new Profile("https://keys.example.com", "team", Secret.of("of-profile"));

  private final Sandbox sandbox = new Sandbox(Path.of(""));

  @Test
  void withoutAnythingItIsAServiceOnThisMachine() {
    assertThat(Target.of(NOTHING, sandbox.surroundings(), null, false))
        .isEqualTo(new Target("http://127.0.0.1:8080", null, null));
  }

  @Test
  void theProfileSaysWhatNothingElseSays() {
    assertThat(Target.of(NOTHING, sandbox.surroundings(), PROFILE, false))
        .isEqualTo(new Target("https://keys.example.com", Secret.of("of-profile"), "team"));
  }

  @Test
  void theEnvironmentGoesBeforeTheProfileUnlessThatIsNamed() {
    sandbox.environment.put("KEYLEDGER_KEY", "of-environment\n");
    sandbox.environment.put("KEYLEDGER_WORKSPACE", "other");
    assertThat(Target.of(NOTHING, sandbox.surroundings(), PROFILE, false))
        .isEqualTo(new Target("https://keys.example.com", Secret.of("of-environment"), "other"));
    assertThat(Target.of(NOTHING, sandbox.surroundings(), PROFILE, true))
        .isEqualTo(new Target("https://keys.example.com", Secret.of("of-profile"), "team"));
    sandbox.environment.put("KEYLEDGER_URL", "http://elsewhere");
    assertThat(Target.of(NOTHING, sandbox.surroundings(), PROFILE, false).url())
        .isEqualTo("http://elsewhere");
    assertThat(Target.of(NOTHING, sandbox.surroundings(), PROFILE, true).url())
        .isEqualTo("https://keys.example.com");
  }

  @Test
  void argumentsGoBeforeAll() {
    sandbox.environment.put("KEYLEDGER_KEY", "of-environment");
    sandbox.environment.put("KEYLEDGER_WORKSPACE", "other");
    var given = new Given("https://keys.example.com/", Secret.of("given"), "mine");
    for (boolean named : new boolean[] {true, false}) {
      assertThat(Target.of(given, sandbox.surroundings(), PROFILE, named))
          .isEqualTo(new Target("https://keys.example.com", Secret.of("given"), "mine"));
    }
  }

  @Test
  void theKeyOfAProfileGoesToItsOwnUrlOnly() {
    for (boolean named : new boolean[] {true, false}) {
      assertThat(
              Target.of(
                  new Given("http://elsewhere", null, null),
                  sandbox.surroundings(),
                  PROFILE,
                  named))
          .isEqualTo(new Target("http://elsewhere", null, null));
    }
    sandbox.environment.put("KEYLEDGER_URL", "http://elsewhere");
    assertThat(Target.of(NOTHING, sandbox.surroundings(), PROFILE, false).credential()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8080, true",
    "http://127.9.9.9, true",
    "http://localhost:8080, true",
    "http://[::1]:8080, true",
    "http://128.0.0.1, false",
    "http://localhost.example.com, false",
    "http://127.0.0.1.example.com, false",
  })
  void loopbackIsLocal(String url, boolean local) {
    assertThat(new Target(url, null, null).isLocal()).isEqualTo(local);
  }
}
