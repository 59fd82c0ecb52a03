package dev.keyledger.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTokensTest {
  private static final UUID STORE = UUID.fromString("3f2c1b0a-1111-4222-8333-444455556666");
  private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(US_ASCII);
  private static final byte[] RETIRED = "fedcba9876543210fedcba9876543210".getBytes(US_ASCII);
  private final PositionTokens tokens = new PositionTokens(STORE, 1, List.of(KEY, RETIRED));

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4711, Long.MAX_VALUE})
  void aTokenReadsBackAsItsPosition(long position) {
    assertThat(tokens.issue(position)).matches("[A-Za-z0-9_-]{32}");
    assertThat(tokens.read(tokens.issue(position))).isEqualTo(position);
  }

  /** Checks the order by which clients find the later one of two concurrent commands. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4711, Long.MAX_VALUE})
  void aTokenBeginsWithItsPosition(long position) {
    byte[] token = Base64.getUrlDecoder().decode(tokens.issue(position));
    assertThat(ByteBuffer.wrap(token).getLong()).isEqualTo(position);
  }

  @Test
  void aTokenOfARetiredKeyIsStillRead() {
    var before = new PositionTokens(STORE, 1, List.of(RETIRED));

    assertThat(tokens.read(before.issue(7))).isEqualTo(7);
    assertInvalid(before, tokens.issue(7));
  }

  @Test
  void aTokenOfAnotherStoreOrIncarnationIsRejected() {
    assertInvalid(tokens, new PositionTokens(UUID.randomUUID(), 1, List.of(KEY)).issue(7));
    assertInvalid(tokens, new PositionTokens(STORE, 2, List.of(KEY)).issue(7));
  }

  @Test
  void anyFlippedBitIsDetected() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] token = Base64.getUrlDecoder().decode(tokens.issue(random.nextLong(1L << 40)));
      int bit = random.nextInt(token.length * 8);
      token[bit / 8] ^= (byte) (1 << bit % 8);
      String forged = Base64.getUrlEncoder().encodeToString(token);

      assertThatExceptionOfType(InvalidPositionTokenException.class)
          .as("seed %d, bit %d", seed, bit)
          .isThrownBy(() -> tokens.read(forged));
    }
  }

  @Test
  void anyChangedCharacterIsDetected() {
    String token = tokens.issue(99);
    for (int i = 0; i < token.length(); i++) {
      for (char c : new char[] {'A', 'b', '9', '_', '=', '+', '/', ' ', '\0', 'é'}) {
        String changed = token.substring(0, i) + c + token.substring(i + 1);
        if (!changed.equals(token)) {
          assertInvalid(tokens, changed);
        }
      }
    }
  }

  @Test
  void garbageIsRejected() {
    String token = tokens.issue(99);
    assertInvalid(tokens, "");
    assertInvalid(tokens, token.substring(1));
    assertInvalid(tokens, token + "A");
    assertInvalid(tokens, token + "=");
    assertInvalid(tokens, "=".repeat(32));
    assertInvalid(tokens, token.substring(0, 30) + "==");
    assertInvalid(tokens, "A".repeat(32));
    assertInvalid(tokens, "A".repeat(1_000_000));
  }

  @Test
  void negativePositionsAndMissingOrShortKeysAreRejected() {
    assertThatIllegalArgumentException().isThrownBy(() -> tokens.issue(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> new PositionTokens(STORE, 1, List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PositionTokens(STORE, 1, List.of(new byte[15])));
  }

  private static void assertInvalid(PositionTokens tokens, String token) {
    assertThatExceptionOfType(InvalidPositionTokenException.class)
        .as(token)
        .isThrownBy(() -> tokens.read(token));
  }
}
