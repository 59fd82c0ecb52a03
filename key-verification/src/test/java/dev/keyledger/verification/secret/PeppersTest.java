package dev.keyledger.verification.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.keyledger.events.Digest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeppersTest {
  private static final String OLD = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final String NEW = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKiw==";
  private static final byte[] SHA_256 =
      HexFormat.of().parseHex("fa7d4df1b5f6e0fc9a0e576af3ca2d507c5bc935d2b4473ea28bd9c49515f973");

  private final Peppers peppers = Peppers.parse("2:" + NEW + ",1:" + OLD);

  @Test
  void listsTheCurrentVersionFirst() {
    assertThat(peppers.currentVersion()).isEqualTo(2);
    assertThat(peppers.versions()).containsExactly(2, 1);
    assertThat(Peppers.parse(" 65535:" + OLD + "\n").versions()).containsExactly(65_535);
  }

  /**
   * Compares with digests that were computed independently of this code and are fixed forever:
   * stored digests must remain findable.
   */
  @Test
  void makesTheGoldenDigests() {
    assertThat(peppers.issued(2, SHA_256))
        .hasToString("f468e1ad9ec66e1b0e7f9c6f3a801667a4c46fbba14a9f7632a600500496f5b0");
    assertThat(peppers.issued(1, SHA_256))
        .hasToString("33c8f7fba09c6ae921b63e25e8f72b5882726fe7759d816eb84f687b9c77267d");
    assertThat(peppers.imported(2, "acme", SHA_256))
        .hasToString("b51c54f5175de09ce06786f33ab176594eb0d24d822d775a61fc9daab3991da7");
    assertThat(peppers.derive(2, "position-token", 40))
        .isEqualTo(
            HexFormat.of()
                .parseHex(
                    "5841f210d6efc974d56b7761132caeb1b9bb71144d5e12e2376d03e4a24df16b"
                        + "0419bdf6aab9297d"));
  }

  @Test
  void separatesWorkspacesAndPurposes() {
    assertThat(peppers.imported(2, "acme", SHA_256))
        .isNotEqualTo(peppers.imported(2, "acne", SHA_256));
    assertThat(peppers.derive(2, "snapshot", 32)).isNotEqualTo(peppers.derive(2, "answer", 32));
    assertThat(peppers.derive(2, "snapshot", 32)).isNotEqualTo(peppers.derive(1, "snapshot", 32));
  }

  @Test
  void makesTheSameDigestsInManyThreads() {
    Digest expected = peppers.issued(2, SHA_256);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var digests =
          IntStream.range(0, 2_000)
              .mapToObj(_ -> threads.submit(() -> peppers.issued(2, SHA_256)))
              .toList();
      assertThat(digests).allSatisfy(digest -> assertThat(digest.get()).isEqualTo(expected));
    }
  }

  @Test
  void rejectsUnknownVersionsAndOtherLengths() {
    assertThatIllegalArgumentException().isThrownBy(() -> peppers.issued(3, SHA_256));
    assertThatIllegalArgumentException().isThrownBy(() -> peppers.issued(2, new byte[31]));
    assertThatIllegalArgumentException().isThrownBy(() -> peppers.imported(2, "a", new byte[33]));
  }

  @Test
  void derivesFromOneByteToTheMaximum() {
    assertThat(peppers.derive(1, "x", 1)).hasSize(1);
    assertThat(peppers.derive(1, "x", 8_160)).hasSize(8_160);
    assertThatIllegalArgumentException().isThrownBy(() -> peppers.derive(1, "x", 0));
    assertThatIllegalArgumentException().isThrownBy(() -> peppers.derive(1, "x", 8_161));
    assertThatIllegalArgumentException().isThrownBy(() -> peppers.derive(3, "x", 32));
  }

  @Test
  void accepts32BytesAndNotOneLess() {
    assertThat(Peppers.parse("1:" + base64(32)).versions()).containsExactly(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Peppers.parse("1:" + base64(31)))
        .withMessage("pepper version 1 has less than 32 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1:",
        ":" + OLD,
        OLD,
        "0:" + OLD,
        "-1:" + OLD,
        "01:" + OLD,
        "65536:" + OLD,
        "100000:" + OLD,
        "x:" + OLD,
        "1:" + OLD + ",",
        "," + "1:" + OLD,
        "1:" + OLD + ",1:" + NEW,
        "1:" + OLD + ", 2:" + NEW,
        "1:" + OLD + "*",
        "1:AAECAwQF*gcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
      })
  void rejectsOtherTextsWithoutShowingThem(String text) {
    Throwable refusal = catchThrowable(() -> Peppers.parse(text));
    assertThat(refusal).isInstanceOf(IllegalArgumentException.class).hasNoCause();
    assertThat(refusal.getMessage()).doesNotContain("AAEC", "ZGVm", "*").isNotBlank();
  }

  @Test
  void showsItsVersionsOnly() {
    assertThat(peppers).hasToString("Peppers[2, 1]");
  }

  private static String base64(int bytes) {
    return Base64.getEncoder().encodeToString(new byte[bytes]);
  }
}
