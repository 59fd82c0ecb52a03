package dev.keyledger.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StreamId;
import dev.keyledger.projection.Histories;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StoredKeyTest {
  private static final KeyId KEY = Histories.keyId(1, 1);

  @Test
  void aWrittenViewIsReadBack() {
    KeyView key = key();
    assertThat(StoredKey.read(StoredKey.write(key))).isEqualTo(key);
  }

  /**
   * Checks the format. If this fails, a migration of schema read must empty the directory: see
   * V1__read.sql.
   */
  @Test
  void theFormHasNotChanged() {
    assertThat(new String(StoredKey.write(key()), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"keyId":"key_01jxt21q00e00r000000000001","workspace":"default",\
            "state":{"is":"revoked","facts":{"name":"Billing","metadata":{},\
            "owner":{"type":"app","id":"billing"},"environment":"live",\
            "secrets":{"generation":2,\
            "current":{"digest":"0000000000000001000000000000000100000000000000020000000000000007",\
            "pepperVersion":1,"hint":"kl_live_...0001"},\
            "previous":{"secret":{"digest":"0000000000000001000000000000000100000000000000010000000000000007",\
            "pepperVersion":1,"hint":"kl_live_...0001"},\
            "overlapEndsAt":"2030-01-01T00:00:00Z","waitingOverlap":"PT1H"},"leaked":[1,2],\
            "rotationQuiet":"PT2H"},\
            "permissions":["read:users"],"ipAllowList":[],\
            "validity":{"expiresAt":"2030-01-01T00:00:00Z","reminders":[]},"version":5},\
            "reason":"leaked"},"createdAt":"2030-01-01T00:00:00Z",\
            "issuedBy":{"type":"root"},"revokedAt":"2030-01-01T00:00:00Z","position":5,\
            "sequence":4}\
            """);
  }

  private static KeyView key() {
    List<LedgerEvent> events =
        List.of(
            Histories.issued(1, 1, "Billing", new Owner(OwnerType.APP, "billing"), Histories.EPOCH),
            new KeyRotated(
                2,
                Histories.secret(1, 1, 2),
                Histories.EPOCH,
                Duration.ofHours(1),
                Duration.ofHours(2)),
            new LeakReported(2),
            new LeakReported(1),
            new KeyRevoked(RevocationReason.LEAKED));
    KeyView key =
        KeyView.fold(
            IntStream.range(0, events.size())
                .mapToObj(i ->
                    new LoggedEvent(
                        i + 1,
                        StreamId.of(KEY),
                        i,
                        "default",
                        Histories.EPOCH,
                        Actor.ROOT,
                        "req",
                        events.get(i),
                        EventContext.NONE))
                .toList());
    assertThat(key).isNotNull();
    return key;
  }
}
