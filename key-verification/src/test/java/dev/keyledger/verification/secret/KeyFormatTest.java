package dev.keyledger.verification.secret;

import static dev.keyledger.verification.secret.KeyFormat.Form.FOREIGN;
import static dev.keyledger.verification.secret.KeyFormat.Form.OURS;
import static dev.keyledger.verification.secret.KeyFormat.Form.UNREADABLE;
import static dev.keyledger.verification.secret.KeyFormat.Form.WRONG_CHECKSUM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keyledger.events.Environment;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFormatTest {
  /** Computed independently of this code, and fixed forever: issued keys must remain readable. */
  private static final String GOLDEN = "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk";

  private final KeyFormat format = new KeyFormat("kl");

  @Test
  void spellsTheGoldenKeys() {
    assertThat(spelled(format, Environment.LIVE, oneToThirtyOne())).isEqualTo(GOLDEN);
    assertThat(spelled(new KeyFormat("acme"), Environment.LIVE, oneToThirtyOne()))
        .isEqualTo("acme_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3MpRGw");
    assertThat(spelled(format, Environment.LIVE, new byte[32]))
        .isEqualTo("kl_live_00000000000000000000000000000000000000000002WhFO2");
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 0xff);
    assertThat(spelled(format, Environment.TEST, ones))
        .isEqualTo("kl_test_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp112fTp0");
  }

  @Test
  void aMintedSecretIsKnownByItsChecksumWhateverItsBrand() {
    assertThat(KeyFormat.isMinted(GOLDEN)).isTrue();
    assertThat(KeyFormat.isMinted("acme_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3MpRGw"))
        .isTrue();
    assertThat(KeyFormat.isMinted(GOLDEN.substring(0, GOLDEN.length() - 1) + "l")).isFalse();
    assertThat(KeyFormat.isMinted(GOLDEN + "x")).isFalse();
    assertThat(KeyFormat.isMinted("read:users")).isFalse();
    assertThat(KeyFormat.isMinted("")).isFalse();
  }

  @Test
  void mintsDifferentKeysOfOurForm() {
    var random = new SecureRandom();
    var minted = new HashSet<String>();
    for (int i = 0; i < 1000; i++) {
      String text = format.mint(Environment.TEST, random).revealToItsCaller();
      assertThat(text).matches("kl_test_[0-9A-Za-z]{49}");
      assertThat(format.formOf(text)).isEqualTo(OURS);
      minted.add(text);
    }
    assertThat(minted).hasSize(1000);
  }

  @Test
  void detectsEveryChangedCharacterByTheChecksum() {
    assertThat(format.formOf(GOLDEN)).isEqualTo(OURS);
    for (int i = "kl_live_".length(); i < GOLDEN.length(); i++) {
      String other = GOLDEN.charAt(i) == 'x' ? "y" : "x";
      assertThat(format.formOf(GOLDEN.substring(0, i) + other + GOLDEN.substring(i + 1)))
          .as("character %s", i)
          .isEqualTo(WRONG_CHECKSUM);
    }
    assertThat(format.formOf(GOLDEN.replace("_live_", "_test_"))).isEqualTo(WRONG_CHECKSUM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "!",
        "~",
        "kl_live_",
        "KL_LIVE_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
        "ab_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
        "kl_prod_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGkk",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG/",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG:",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG@",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG[",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG`",
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG{",
      })
  void classifiesOtherVisibleAsciiAsForeign(String text) {
    assertThat(format.formOf(text)).isEqualTo(FOREIGN);
  }

  @ParameterizedTest
  @ValueSource(chars = {'0', '9', 'A', 'Z', 'a', 'z'})
  void knowsTheWholeAlphabet(char c) {
    assertThat(format.formOf("kl_live_" + Character.toString(c).repeat(49)))
        .isEqualTo(WRONG_CHECKSUM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\u007f",
        " " + GOLDEN,
        GOLDEN + " ",
        GOLDEN + "\n",
        GOLDEN + "\r\n",
        GOLDEN + "\u0000",
        "\ufeff" + GOLDEN,
        "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMG\u212a",
        "kl_live_0\u200b03aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
        "kl_live_\uff10\uff103aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
        "kl_live_003\u0430UlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
        "kl_live_003a\u0301UlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk",
      })
  void acceptsOnlyVisibleAscii(String text) {
    assertThat(format.formOf(text)).isEqualTo(UNREADABLE);
  }

  @Test
  void readsStringsUpToTheMaximumLength() {
    assertThat(format.formOf("x".repeat(4096))).isEqualTo(FOREIGN);
    assertThat(format.formOf("x".repeat(4097))).isEqualTo(UNREADABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"api_key=%s", "%s\n", "Bearer %s;", "x%sx", "kl_live_%s", "a %s b\n%1$s"})
  void findsAKeyInALongerText(String text) {
    KeySecret found = KeySecret.of(text.formatted(GOLDEN));
    assertThat(format.candidatesIn(found)).startsWith(found).contains(KeySecret.of(GOLDEN));
  }

  @Test
  void findsNothingElseInAText() {
    String miss = GOLDEN.substring(0, GOLDEN.length() - 1) + "l";
    String other = spelled(new KeyFormat("acme"), Environment.LIVE, oneToThirtyOne());
    for (String text :
        List.of("", "x", "a=" + miss, "a=" + GOLDEN.substring(0, 56), "a=" + other)) {
      assertThat(format.candidatesIn(KeySecret.of(text))).containsExactly(KeySecret.of(text));
    }
    assertThat(format.candidatesIn(KeySecret.of(GOLDEN))).containsExactly(KeySecret.of(GOLDEN));
  }

  @Test
  void findsAsManyKeysAsABodyHolds() {
    String test = spelled(format, Environment.TEST, oneToThirtyOne());
    var text = KeySecret.of((GOLDEN + test).repeat(570));
    assertThat(format.candidatesIn(text)).hasSize(1 + 2 * 570);
    assertThat(format.candidatesIn(KeySecret.of("kl_live_".repeat(8000)))).hasSize(1);
  }

  @Test
  void hintsShowOnlyThePrefixAndTheLastFourCharacters() {
    assertThat(format.hint(KeySecret.of(GOLDEN))).isEqualTo("kl_live_...eMGk");
    String foreign = "canary-of-somebody-else";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> format.hint(KeySecret.of(foreign)))
        .withMessageNotContaining("canary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"k", "kl", "a0", "abcdefghijklmnop"})
  void acceptsBrands(String brand) {
    assertThatCode(() -> new KeyFormat(brand)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "K", "0a", "a_b", "a-b", "abcdefghijklmnopq", "kl\n"})
  void rejectsOtherBrands(String brand) {
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyFormat(brand));
  }

  private static String spelled(KeyFormat format, Environment environment, byte[] bytes) {
    return format.spell(environment, bytes).revealToItsCaller();
  }

  private static byte[] oneToThirtyOne() {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }
}
