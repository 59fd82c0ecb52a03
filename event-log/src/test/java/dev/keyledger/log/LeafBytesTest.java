package dev.keyledger.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.StreamId;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LeafBytesTest {
  /** The bytes, written by hand from docs/event-log.md. They must never change. */
  private static final String GOLDEN =
      """
      00000008 0000000000000007
      00000009 776f726b7370616365
      00000004 61636d65
      00000008 0000000000000002
      00000004 61636d65
      0000000f 576f726b7370616365436c6f736564
      00000008 0000000000000001
      00000008 00071fb978ec1600
      00000008 6f70657261746f72
      00000005 6b65795f31
      00000005 7265712d39
      00000002 7b7d
      00000020 a83c0bb8ac89b0d361fc694291e55cd857006484015ba11183bf3164e1011452
      """;

  @Test
  void theGoldenVector() {
    byte[] salt = new byte[32];
    var row =
        new EventRow(
            7,
            StreamId.ofWorkspace("acme"),
            2,
            "acme",
            "WorkspaceClosed",
            1,
            Instant.parse("2033-07-17T09:44:55.123456Z"),
            new Actor(ActorType.OPERATOR, "key_1"),
            "req-9",
            "{}".getBytes(UTF_8),
            null,
            PendingUnit.contextHash(salt, "{\"reason\":\"because\"}".getBytes(UTF_8)));

    assertThat(HexFormat.of().formatHex(LeafBytes.of(row))).isEqualTo(GOLDEN.replaceAll("\\s", ""));
    assertThat(LeafBytes.hashOf(row))
        .hasToString("c659958ef979d6e50dbb0bfcbc84918f0f9f71250b72280e5a7a5d548cfcdc9a");
  }

  @Test
  void anActorWithoutIdIsAnEmptyField() {
    byte[] bytes =
        LeafBytes.of(
            new EventRow(
                1,
                StreamId.ofWorkspace("a"),
                0,
                "a",
                "T",
                1,
                Instant.EPOCH,
                Actor.ROOT,
                "r",
                new byte[0],
                null,
                new byte[32]));

    assertThat(HexFormat.of().formatHex(bytes))
        .contains("00000004" + "726f6f74" + "00000000" + "00000001" + "72" + "00000000");
  }
}
