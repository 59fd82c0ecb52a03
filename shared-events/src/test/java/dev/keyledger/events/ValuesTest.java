package dev.keyledger.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The values in the events. */
class ValuesTest {
  @Test
  void aKeyIdEncodesAUuidOfVersionSeven() {
    KeyId id = KeyId.of(0x0123456789abL, -1, -1);
    UUID uuid = uuidOf(id);
    assertThat(uuid.version()).isEqualTo(7);
    assertThat(uuid.variant()).isEqualTo(2);
    assertThat(uuid).hasToString("01234567-89ab-7fff-bfff-ffffffffffff");
    assertThat(id.value()).hasSize(30).startsWith("key_");
  }

  @Test
  void keyIdsSortByTime() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      long millis = random.nextLong(1L << 47);
      KeyId earlier = KeyId.of(millis, random.nextLong(), random.nextLong());
      KeyId later = KeyId.of(millis + 1, random.nextLong(), random.nextLong());
      assertThat(earlier.value()).as("seed %d", seed).isLessThan(later.value());
      assertThat(uuidOf(earlier).getMostSignificantBits() >>> 16).isEqualTo(millis);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "key_",
        "key_0000000000000000000000000",
        "key_000000000000000000000000000",
        "key_80000000000000000000000000",
        "key_0000000000000000000000000i",
        "key_0000000000000000000000000l",
        "key_0000000000000000000000000o",
        "key_0000000000000000000000000u",
        "key_0000000000000000000000000A",
        "kex_00000000000000000000000000",
        " key_00000000000000000000000000",
        "key_00000000000000000000000000\n"
      })
  void aKeyIdHasOneFormOnly(String text) {
    assertThatThrownBy(() -> new KeyId(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"root", "system", "anonymous", "operator:key_1", "holder:a:b", "operator:~"})
  void anActorIsReadBackFromItsText(String text) {
    assertThat(Actor.parse(text)).hasToString(text);
    assertThat(Actor.parse("holder:" + "i".repeat(128)).id()).hasSize(128);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "Root",
        "root:",
        "root:1",
        "system:1",
        "anonymous:1",
        "user:1",
        "operator",
        "operator:",
        "holder",
        "holder: ",
        "holder:a b",
        "holder:\0",
        "holder:\u007f",
        "holder:ä"
      })
  void anActorHasAnIdExactlyIfItsTypeHasIds(String text) {
    assertThatThrownBy(() -> Actor.parse(text)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Actor.parse("holder:" + "i".repeat(129)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anErasureNamesAnActorOrAKeyAndOneEventOrMore() {
    assertThat(new ContextErased(Actor.ROOT, null, 1).events()).isEqualTo(1);
    for (Runnable bad :
        List.<Runnable>of(
            () -> new ContextErased(null, null, 1),
            () -> new ContextErased(Actor.ROOT, "key_1", 1),
            () -> new ContextErased(Actor.ROOT, null, 0))) {
      assertThatThrownBy(bad::run).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anOwnerIdHasUpTo255Characters() {
    assertThat(new Owner(OwnerType.USER, "4".repeat(255))).hasToString("user:" + "4".repeat(255));
    assertThatThrownBy(() -> new Owner(OwnerType.USER, "4".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth0|5f7c",
        "jane.doe+test@example.com",
        "arn:aws:iam::123456789012:role/Admin",
        "spiffe://example.org/ns/default/sa/web",
        "f:3b0a:jane",
        ".a",
        "..",
        "a,b;c\"d\\e%20",
        "!~",
      })
  void anOwnerIdIsWhatIdentityProvidersHave(String id) {
    assertThat(new Owner(OwnerType.APP, id)).hasToString("app:" + id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a ", "ä", "a\n", "a\0", "a\u007f", "a\u200b", "\ufeffa"})
  void anOwnerIdHasVisibleAsciiCharactersOnly(String id) {
    assertThatThrownBy(() -> new Owner(OwnerType.APP, id))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDigestKeepsItsBytes() {
    byte[] bytes = new byte[32];
    new Random(7).nextBytes(bytes);
    assertThat(Digest.of(bytes).toBytes()).isEqualTo(bytes);
    assertThat(Digest.parse(Digest.of(bytes).toString())).isEqualTo(Digest.of(bytes));
    assertThatThrownBy(() -> Digest.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Digest.of(new byte[33])).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyEventHasItsOwnWireName() {
    for (EventType type : EventType.all()) {
      assertThat(EventType.find(type.wireName(), type.version())).contains(type);
      assertThat(EventType.of(type.eventClass())).isSameAs(type);
      assertThat(type.wireName()).isEqualTo(type.eventClass().getSimpleName());
    }
    assertThat(EventType.find("KeyIssued", 2)).isEmpty();
    assertThat(EventType.find("keyIssued", 1)).isEmpty();
    assertThat(EventType.all())
        .doesNotHaveDuplicates()
        .extracting(EventType::wireName)
        .contains("KeyIssued", "KeyTransferred", "ExpiryApproaching", "WorkspaceClosed");
  }

  @Test
  void eventsWithASecretOrAnOwnerAreInTheMatchingGroup() {
    for (EventType type : EventType.all()) {
      assertThat(KeyEvent.IntroducesSecret.class.isAssignableFrom(type.eventClass()))
          .as(type.wireName())
          .isEqualTo(holds(type, StoredSecret.class));
      assertThat(KeyEvent.NamesOwner.class.isAssignableFrom(type.eventClass()))
          .as(type.wireName())
          .isEqualTo(
              KeyEvent.class.isAssignableFrom(type.eventClass()) && holds(type, Owner.class));
    }
  }

  private static boolean holds(EventType type, Class<?> value) {
    return Arrays.stream(type.eventClass().getRecordComponents())
        .anyMatch(component -> component.getType() == value);
  }

  @Test
  void actorsAndWireNamesHaveTheFormOfFilters() {
    assertThat(Actor.ROOT).hasToString("root");
    assertThat(new Actor(ActorType.OPERATOR, "key_1")).hasToString("operator:key_1");
    assertThat(RevocationReason.OWNER_LEFT).hasToString("owner-left");
    assertThat(KeyStatus.NOT_YET_ACTIVE).hasToString("not-yet-active");
  }

  private static UUID uuidOf(KeyId id) {
    String alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    long high = 0;
    long low = 0;
    for (char c : id.value().substring(4).toCharArray()) {
      high = high << 5 | low >>> 59;
      low = low << 5 | alphabet.indexOf(c);
    }
    return new UUID(high, low);
  }
}
