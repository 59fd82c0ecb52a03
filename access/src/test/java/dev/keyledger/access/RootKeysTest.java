package dev.keyledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.events.Actor;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class RootKeysTest {
  private static final String NEW = "the-new-root-key-0123456789-abcdef";
  private static final String OLD = "the-old-root-key-0123456789-abcdef";

  @Test
  void duringARotationBothAreAccepted() {
    var keys = new RootKeys(NEW + ", " + OLD);

    assertThat(isRoot(keys, NEW)).isTrue();
    assertThat(isRoot(keys, OLD)).isTrue();
  }

  @Test
  void afterTheRotationOnlyTheNewOneIsAccepted() {
    var keys = new RootKeys(NEW);

    assertThat(isRoot(keys, NEW)).isTrue();
    assertThat(isRoot(keys, OLD)).isFalse();
  }

  @Test
  void nearMissesAreNotAccepted() {
    var keys = new RootKeys(NEW + "," + OLD);

    for (String near :
        new String[] {
          NEW + "," + OLD,
          NEW + "x",
          NEW.substring(1),
          NEW.toUpperCase(Locale.ROOT),
          OLD.substring(0, OLD.length() - 1)
        }) {
      assertThat(isRoot(keys, near)).as(near).isFalse();
    }
  }

  @Test
  void aRootKeyHas32CharactersOrMore() {
    String shortest = "x".repeat(RootKeys.LENGTH_MIN);

    assertThat(isRoot(new RootKeys(shortest), shortest)).isTrue();
    for (String tooShort : new String[] {"", shortest.substring(1), NEW + ",", "," + NEW}) {
      assertThatThrownBy(() -> new RootKeys(tooShort))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining(NEW);
    }
  }

  private static boolean isRoot(RootKeys keys, String presented) {
    return keys.authenticate(
            new Credential(KeySecret.of(presented), "192.0.2.1", Duration.ofSeconds(5), true))
        .filter(identity -> identity.actor().equals(Actor.ROOT))
        .isPresent();
  }
}
