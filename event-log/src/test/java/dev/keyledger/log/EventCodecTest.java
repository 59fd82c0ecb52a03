package dev.keyledger.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.keyledger.events.ContextErased;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class EventCodecTest {
  private final EventCodec codec = new EventCodec();

  static Stream<Arguments> goldenFiles() {
    return GoldenEvents.ALL.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(golden -> arguments(golden.getKey(), golden.getValue()));
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void aGoldenFileIsReadAndWrittenUnchangedForever(String file, LedgerEvent expected)
      throws IOException {
    EventType type = EventType.of(expected);
    byte[] golden = golden(file);

    assertThat(file).startsWith(type.wireName() + ".v" + type.version());
    assertThat(codec.decode(type.wireName(), type.version(), golden)).isEqualTo(expected);
    assertThat(new String(codec.encode(expected), UTF_8)).isEqualTo(new String(golden, UTF_8));
  }

  static List<EventType> types() {
    return EventType.all();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyTypeHasAGoldenFile(EventType type) {
    assertThat(GoldenEvents.ALL).containsKey(type.wireName() + ".v" + type.version());
  }

  @ParameterizedTest
  @MethodSource("types")
  void theGoldenFilesHaveEveryFieldAndAMinimalOneOnlyTheRequired(EventType type)
      throws IOException {
    var all = new TreeSet<String>();
    var required = new TreeSet<String>();
    for (RecordComponent field : type.eventClass().getRecordComponents()) {
      all.add(field.getName());
      if (!field.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        required.add(field.getName());
      }
    }
    String file = type.wireName() + ".v" + type.version();

    // A field that was added later has its own file: the first file never changes.
    var golden = new TreeSet<String>();
    for (String other : GoldenEvents.ALL.keySet()) {
      if (other.equals(file) || other.startsWith(file + ".")) {
        golden.addAll(fieldsOf(other));
      }
    }
    assertThat(golden).isEqualTo(all);
    if (type.eventClass() == ContextErased.class) {
      return; // of which one of the optional fields is required
    }
    if (!all.equals(required) || GoldenEvents.ALL.containsKey(file + ".minimal")) {
      assertThat(fieldsOf(file + ".minimal")).isEqualTo(required);
    }
  }

  private static Set<String> fieldsOf(String file) throws IOException {
    return Set.copyOf(JsonMapper.shared().readTree(golden(file)).propertyNames());
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void theAuditShowsNoDigest(String file, LedgerEvent event) {
    String data = codec.auditData(event).toString();

    assertThat(data).as(file).doesNotContainIgnoringCase("digest").doesNotContain("pepper");
    assertThat(data).doesNotContainPattern("[0-9a-f]{64}");
  }

  @Test
  void theAuditShowsTheEventsOwnFields() {
    assertThat(codec.auditData(new KeyRevoked(RevocationReason.OWNER_LEFT)).toString())
        .isEqualTo("{\"revocationReason\":\"owner-left\"}");
    assertThat(codec.auditData(TestEvents.issued(1)).toString())
        .contains("\"secret\":{\"hint\":\"kl_live_...abcd\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"revocationReason\":null}",
        "{\"revocationReason\":\"OWNER_LEFT\"}",
        "{\"revocationReason\":\"another\"}",
        "{\"revocationReason\":4}",
        "{\"revocationReason\":\"leaked\",\"more\":1}",
        "{\"revocationReason\":\"leaked\",\"revocationReason\":\"leaked\"}",
        "{\"revocationReason\":\"leaked\"} {}",
        "{\"revocationReason\":\"leaked\""
      })
  void aPayloadThatDeviatesFromItsFormIsRejected(String payload) {
    assertUnreadable("KeyRevoked", 1, payload);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"generation\":\"2\"}",
        "{\"generation\":2.0}",
        "{\"generation\":null}",
        "{\"generation\":4294967297}"
      })
  void aNumberInAnotherFormIsRejected(String payload) {
    assertUnreadable("SecretRetired", 1, payload);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"events\":1}",
        "{\"actor\":{\"type\":\"root\"},\"keyId\":\"key_1\",\"events\":1}",
        "{\"keyId\":\"key_1\",\"events\":0}",
        "{\"keyId\":\"key_1\"}"
      })
  void anErasureOfBothOrNeitherOrNothingIsRejected(String payload) {
    assertUnreadable("ContextErased", 1, payload);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"a\",\"metadata\":{\"k\":null}}",
        "{\"name\":\"a\",\"metadata\":{\"k\":1}}",
        "{\"name\":\"a\",\"metadata\":{\"k\":\"1\",\"k\":\"1\"}}",
        "{\"name\":1,\"metadata\":{}}",
        "{\"name\":\"a\"}"
      })
  void aTextInAnotherFormIsRejected(String payload) {
    assertUnreadable("KeyDescribed", 1, payload);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"expiresAt\":1776245400}",
        "{\"expiresAt\":\"2026-04-15\"}",
        "{\"expiresAt\":\"\"}",
        "{\"expiresAt\":null}"
      })
  void aTimeInAnotherFormIsRejected(String payload) {
    assertUnreadable("KeyExpired", 1, payload);
  }

  @Test
  void aNullInAListIsRejected() {
    assertUnreadable("PermissionsChanged", 1, "{\"added\":[null],\"removed\":[]}");
  }

  @Test
  void anUnknownTypeOrVersionIsRejectedByName() {
    assertUnreadable("KeyRevoked", 2, "{\"revocationReason\":\"leaked\"}");
    assertUnreadable("KeyRenamed", 1, "{}");
  }

  @Test
  void aContextIsDecodedAndAnErasedOneIsNull() {
    var context = new EventContext("why\u0000 \"so\"", "2001:db8::1", null);

    assertThat(codec.decodeContext(codec.encodeContext(context))).isEqualTo(context);
    assertThat(codec.decodeContext(codec.encodeContext(EventContext.NONE)))
        .isEqualTo(EventContext.NONE);
    assertThat(codec.decodeContext(null)).isNull();
    assertThat(codec.encodeContext(EventContext.NONE)).isEqualTo("{}".getBytes(UTF_8));
  }

  private void assertUnreadable(String type, int version, String payload) {
    assertThatThrownBy(() -> codec.decode(type, version, payload.getBytes(UTF_8)))
        .isInstanceOf(UnreadableEventException.class)
        .hasMessageContaining(type + " version " + version);
  }

  private static byte[] golden(String file) throws IOException {
    try (InputStream in =
        LedgerEvent.class.getResourceAsStream("/dev/keyledger/events/golden/" + file + ".json")) {
      assertThat(in).as("golden file %s", file).isNotNull();
      return in.readAllBytes();
    }
  }

  /** Checks a key whose lists are full, with texts of the maximum length and size. */
  @Test
  void theLargestKeyFitsIntoALeaf() {
    String controls = "\u0001".repeat(80);
    var metadata = new TreeMap<String, String>();
    for (int i = 10; i < 60; i++) {
      metadata.put("m" + i, controls.substring(1));
    }
    KeyIssued usual = TestEvents.issued(1);
    var largest =
        new KeyIssued(
            "\uD83D\uDD11".repeat(100),
            new Owner(OwnerType.SERVICE, "o".repeat(Owner.ID_LENGTH_MAX)),
            usual.environment(),
            usual.secret(),
            Collections.nCopies(100, "p".repeat(280)),
            usual.notBefore(),
            usual.expiresAt(),
            usual.renewableUntil(),
            Collections.nCopies(10, Duration.ofDays(365)),
            Collections.nCopies(100, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff/128"),
            metadata);
    assertThat(metadata.toString().length()).isGreaterThan(4096);
    assertThat(codec.encode(largest)).hasSizeLessThan(EventCodec.PAYLOAD_BYTES_MAX);
    assertThatThrownBy(() ->
            codec.encode(
                new KeyIssued(
                    "x".repeat(EventCodec.PAYLOAD_BYTES_MAX),
                    usual.owner(),
                    usual.environment(),
                    usual.secret(),
                    usual.permissions(),
                    null,
                    null,
                    null,
                    List.of(),
                    List.of(),
                    Map.of())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
