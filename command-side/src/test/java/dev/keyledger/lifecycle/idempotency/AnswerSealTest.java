package dev.keyledger.lifecycle.idempotency;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.KeyId;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerSealTest {
  private static final String KEY = "an idempotency key";
  private static final List<byte[]> PARTS = List.of(bytes("POST"), bytes("/v1/keys"));
  private static final Caller ROOT = caller(Actor.ROOT.type(), null, "default");
  private static final StoredAnswer ANSWER =
      new StoredAnswer.OfKey(
          201,
          KeyId.of(1, 2, 3),
          Instant.parse("2026-01-01T00:00:00.123456Z"),
          KeySecret.of("kl_live_secret"));

  private final AnswerSeal seal = new AnswerSeal(peppers(1));
  private final RepeatableRequest request = seal.request(ROOT, KEY, PARTS);
  private final RepeatableRequest.Form form = request.forms().getFirst();

  @Test
  void aSealedAnswerOpensForTheSameRequest() {
    byte[] sealed = seal.seal(form, ANSWER.toBytes());
    var same = new AnswerSeal(peppers(1)).request(ROOT, KEY, PARTS).forms().getFirst();

    assertThat(StoredAnswer.parse(AnswerSeal.open(same, sealed))).isEqualTo(ANSWER);
    var batch = new StoredAnswer.OfBatch("{\"results\":[]}");
    assertThat(StoredAnswer.parse(batch.toBytes())).isEqualTo(batch);
  }

  @Test
  void itOpensForNoOtherRequest() {
    byte[] sealed = seal.seal(form, ANSWER.toBytes());
    for (RepeatableRequest other :
        List.of(
            seal.request(ROOT, KEY + " ", PARTS),
            seal.request(ROOT, KEY, List.of(bytes("PUT"), bytes("/v1/keys"))),
            seal.request(caller(ActorType.ROOT, null, "other"), KEY, PARTS),
            seal.request(caller(ActorType.OPERATOR, "key_1", "default"), KEY, PARTS),
            new AnswerSeal(peppers(2)).request(ROOT, KEY, PARTS))) {
      assertThatIllegalStateException()
          .isThrownBy(() -> AnswerSeal.open(other.forms().getFirst(), sealed));
    }
  }

  @Test
  void everyChangedBitIsNoticed() {
    byte[] sealed = seal.seal(form, bytes("x"));
    for (int i = 0; i < sealed.length * 8; i++) {
      byte[] changed = sealed.clone();
      changed[i / 8] ^= (byte) (1 << i % 8);
      assertThatIllegalStateException().isThrownBy(() -> AnswerSeal.open(form, changed));
    }
    for (int length : List.of(0, 11, 12, sealed.length - 1)) {
      byte[] cut = java.util.Arrays.copyOf(sealed, length);
      assertThatIllegalStateException().isThrownBy(() -> AnswerSeal.open(form, cut));
    }
  }

  @Test
  void noTwoSealsLookTheSame() {
    assertThat(seal.seal(form, bytes("x"))).isNotEqualTo(seal.seal(form, bytes("x")));
  }

  @Test
  void theNameIsThatOfCallerWorkspaceAndKeyAlone() {
    var name = request.names();
    assertThat(seal.request(ROOT, KEY, List.of(bytes("other"))).names()).isEqualTo(name);
    assertThat(seal.request(ROOT, KEY + "x", PARTS).names()).isNotEqualTo(name);
    assertThat(seal.request(caller(ActorType.ROOT, null, "other"), KEY, PARTS).names())
        .isNotEqualTo(name);
    assertThat(seal.request(caller(ActorType.OPERATOR, "key_1", "default"), KEY, PARTS).names())
        .isNotEqualTo(
            seal.request(caller(ActorType.OPERATOR, "key_2", "default"), KEY, PARTS).names());
  }

  @Test
  void partsDoNotRunIntoEachOther() {
    assertThat(seal.request(ROOT, KEY, List.of(bytes("ab"), bytes("c"))).fingerprint())
        .isNotEqualTo(seal.request(ROOT, KEY, List.of(bytes("a"), bytes("bc"))).fingerprint());
  }

  @Test
  void nodesMeetOnACommonNameWhileAPepperIsRolledOut() {
    var rotated = new AnswerSeal(peppers(2, 1)).request(ROOT, KEY, PARTS);
    assertThat(rotated.names()).hasSize(2).containsAll(request.names());
    assertThat(rotated.keep(ANSWER)).hasSize(2);
    assertThat(new AnswerSeal(peppers(2)).request(ROOT, KEY, PARTS).names())
        .containsExactly(rotated.names().getFirst());
  }

  @Test
  void nothingShowsTheKeyOrTheSecret() {
    assertThat(request + " " + form + " " + ANSWER + " " + request.keep(ANSWER))
        .doesNotContain(KEY)
        .doesNotContain("kl_live_secret");
  }

  @Test
  void aRequestIsInFlightUntilItsPlaceIsClosed() {
    var requests = new RequestsInFlight();
    var other = seal.request(ROOT, KEY, List.of(bytes("other")));
    var place = (RequestsInFlight.Place) requests.enter(request);

    assertThat(requests.enter(request)).isEqualTo(new RequestsInFlight.Taken(true));
    assertThat(requests.enter(other)).isEqualTo(new RequestsInFlight.Taken(false));
    place.close();
    assertThat(requests.enter(other)).isInstanceOf(RequestsInFlight.Place.class);
  }

  @Test
  void oneRequestMoreThanTheMostIsNotRemembered() {
    var requests = new RequestsInFlight();
    for (int i = 0; i < RequestsInFlight.REQUESTS_MAX; i++) {
      requests.enter(seal.request(ROOT, "an idempotency key " + i, PARTS));
    }
    assertThat(requests.enter(request)).isInstanceOf(RequestsInFlight.Place.class);
    assertThat(requests.enter(request)).isInstanceOf(RequestsInFlight.Place.class);
    var last = seal.request(ROOT, "an idempotency key 9999", PARTS);
    assertThat(requests.enter(last)).isEqualTo(new RequestsInFlight.Taken(true));
  }

  private static Caller caller(ActorType type, @Nullable String id, String workspace) {
    return new Caller(new Actor(type, id), workspace, Ceiling.NONE);
  }

  private static Peppers peppers(int... versions) {
    var text = new StringBuilder();
    for (int version : versions) {
      byte[] pepper = new byte[32];
      pepper[0] = (byte) version;
      text.append(text.isEmpty() ? "" : ",")
          .append(version)
          .append(':')
          .append(Base64.getEncoder().encodeToString(pepper));
    }
    return Peppers.parse(text.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }
}
