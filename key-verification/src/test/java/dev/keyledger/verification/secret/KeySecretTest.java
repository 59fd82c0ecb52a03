package dev.keyledger.verification.secret;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.verification.decision.Check;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeySecretTest {
  private static final String CANARY = "canary-5b1e7c";

  private final KeySecret secret = KeySecret.of(CANARY);

  @Test
  void revealsItselfToItsCallerOnly() {
    assertThat(secret.revealToItsCaller()).isEqualTo(CANARY);
    assertThat(secret.toString()).isEqualTo("KeySecret[redacted]");
    assertThat(Map.of("key", List.of(Optional.of(secret))).toString()).doesNotContain("canary");
    assertThat(Check.of(secret, "default").toString()).doesNotContain("canary");
    assertThat(secret).isNotInstanceOf(Serializable.class);
  }

  @Test
  void isEqualByContentAndHashesToAConstant() {
    assertThat(secret).isEqualTo(KeySecret.of(CANARY)).isNotEqualTo(KeySecret.of("canary-5b1e7d"));
    assertThat(secret).isNotEqualTo(CANARY);
    assertThat(secret.hashCode()).isEqualTo(KeySecret.of("another").hashCode());
  }

  @Test
  void returnsAFreshHashOfItsBytesEachTime() throws Exception {
    byte[] expected = MessageDigest.getInstance("SHA-256").digest(CANARY.getBytes(UTF_8));
    assertThat(secret.sha256()).isEqualTo(expected);
    assertThat(secret.sha256()).isEqualTo(expected);
  }

  @Test
  void hashesDifferentNonAsciiStringsDifferently() {
    assertThat(KeySecret.of("\u0430").sha256()).isNotEqualTo(KeySecret.of("\u0431").sha256());
  }

  @Test
  void asciiWhiteSpaceAroundItIsStrippedAndNoOther() {
    for (String around : new String[] {"x\n", "\r\nx", " \t x \r\n", "x"}) {
      assertThat(KeySecret.of(around).stripped()).isEqualTo(KeySecret.of("x"));
    }
    for (String kept : new String[] {"x y", "\u00a0x", "x\u000b", "\u2028x", ""}) {
      assertThat(KeySecret.of(kept).stripped()).isEqualTo(KeySecret.of(kept));
    }
    assertThat(KeySecret.of(" \n").stripped()).isEqualTo(KeySecret.of(""));
  }
}
