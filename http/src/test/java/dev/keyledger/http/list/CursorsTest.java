package dev.keyledger.http.list;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class CursorsTest {
  private static final byte[] OLD = key(1);
  private static final byte[] NEW = key(2);
  private static final String LIST = "keys&owner=7:user:42";
  private static final List<String> PLACE = List.of("123456", "key_01k0000000000000000000000x");

  private final Cursors cursors = new Cursors("store/1", List.of(NEW));

  @Test
  void aCursorLeadsToItsPlace() {
    assertThat(cursors.read("acme", LIST, cursors.issue("acme", LIST, PLACE))).contains(PLACE);
    assertThat(cursors.read("acme", LIST, cursors.issue("acme", LIST, List.of("7"))))
        .contains(List.of("7"));
  }

  @Test
  void itIsGoodForItsOwnWorkspaceListFiltersAndLogOnly() {
    String cursor = cursors.issue("acme", LIST, PLACE);
    assertThat(cursors.read("other", LIST, cursor)).isEmpty();
    assertThat(cursors.read("acme", "audit&owner=7:user:42", cursor)).isEmpty();
    assertThat(cursors.read("acme", "keys&owner=7:user:43", cursor)).isEmpty();
    assertThat(cursors.read("acme", "keys", cursor)).isEmpty();
    assertThat(cursors.read("acmek", LIST.substring(1), cursor)).isEmpty();
    for (String log : List.of("store/2", "other/1")) {
      assertThat(new Cursors(log, List.of(NEW)).read("acme", LIST, cursor)).isEmpty();
    }
  }

  @Test
  void noByteCanBeChangedAddedOrRemoved() {
    String cursor = cursors.issue("acme", LIST, PLACE);
    byte[] bytes = Base64.getUrlDecoder().decode(cursor);
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      assertThat(cursors.read("acme", LIST, encoded(changed))).as("byte %d", i).isEmpty();
      assertThat(cursors.read("acme", LIST, encoded(Arrays.copyOf(bytes, i)))).isEmpty();
    }
    assertThat(cursors.read("acme", LIST, encoded(Arrays.copyOf(bytes, bytes.length + 1))))
        .isEmpty();
  }

  @Test
  void itHasOneSpelling() {
    String cursor = cursors.issue("acme", LIST, List.of("7"));
    var others = new ArrayList<>(List.of("", "A", cursor + "=", cursor + "A", " " + cursor));
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < digits.length(); i++) { // 29 bytes leave two bits of the last digit unused
      String other = cursor.substring(0, cursor.length() - 1) + digits.charAt(i);
      if (!other.equals(cursor)) {
        others.add(other);
      }
    }
    assertThat(others).allSatisfy(other -> assertThat(cursors.read("acme", LIST, other)).isEmpty());
  }

  @Test
  void nothingOfAPlaceCanBeRead() {
    String cursor = cursors.issue("acme", LIST, PLACE);
    String bytes = new String(Base64.getUrlDecoder().decode(cursor), ISO_8859_1);
    assertThat(bytes).doesNotContain("123456", "key_", "acme", "user");
    assertThat(cursors.issue("acme", LIST, PLACE)).isNotEqualTo(cursor);
  }

  @Test
  void nodesReadWhatOthersIssuedDuringARotationOfPeppers() {
    String old = new Cursors("store/1", List.of(OLD)).issue("acme", LIST, PLACE);
    assertThat(new Cursors("store/1", List.of(NEW, OLD)).read("acme", LIST, old)).contains(PLACE);
    assertThat(cursors.read("acme", LIST, old)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> new Cursors("store/1", List.of()));
  }

  @Test
  void itsLengthIsLimited() {
    // Nonce and tag leave 164 of 192 bytes.
    String longest = cursors.issue("acme", LIST, List.of("9".repeat(164)));
    assertThat(longest).hasSize(Cursors.LENGTH_MAX);
    assertThat(cursors.read("acme", LIST, longest)).isPresent();
    String longer = cursors.issue("acme", LIST, List.of("9".repeat(165)));
    assertThat(cursors.read("acme", LIST, longer)).isEmpty();
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] key(int fill) {
    byte[] key = new byte[Cursors.KEY_BYTES];
    Arrays.fill(key, (byte) fill);
    return key;
  }
}
