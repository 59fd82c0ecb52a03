package dev.keyledger.lifecycle.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Ceiling;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.Entry;
import dev.keyledger.log.CommandOrigin;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImportDeciderTest {
  private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  private static final RequestedExpiry TOO_LATE = new RequestedExpiry.After(Duration.ofDays(9999));
  private static final RequestedExpiry GOOD = new RequestedExpiry.ByPolicy();

  @Test
  void aSecretThatIsKnownByAnyOfItsDigestsIsRejected() {
    List<Entry> entries = List.of(entry(GOOD, 0, 1, 2), entry(GOOD, 0, 3, 4), entry(GOOD, 0, 5, 6));
    assertThat(rejections(entries, Set.of(digest(2), digest(3))))
        .containsExactly(Reason.DIGEST_ALREADY_KNOWN, Reason.DIGEST_ALREADY_KNOWN, null);
  }

  @Test
  void ofEntriesWithTheSameSecretTheFirstGoodOneWins() {
    List<Entry> entries = List.of(entry(TOO_LATE, 0, 1), entry(GOOD, 0, 1), entry(GOOD, 0, 1));
    assertThat(rejections(entries, Set.of()))
        .containsExactly(Reason.LIFETIME_NOT_ALLOWED, null, Reason.DIGEST_ALREADY_KNOWN);
  }

  @Test
  void errorsOfAnEntryHavePrecedenceOverAKnownSecret() {
    assertThat(rejections(List.of(entry(TOO_LATE, 0, 1)), Set.of(digest(1))))
        .containsExactly(Reason.LIFETIME_NOT_ALLOWED);
  }

  @Test
  void onlyAcceptedEntriesCountTowardsTheQuota() {
    long oneLess = WorkspacePolicy.DEFAULT.maxKeys() - 1;
    List<Entry> entries =
        List.of(entry(TOO_LATE, oneLess, 1), entry(GOOD, oneLess, 2), entry(GOOD, oneLess, 3));
    assertThat(rejections(entries, Set.of()))
        .containsExactly(Reason.LIFETIME_NOT_ALLOWED, null, Reason.QUOTA_EXCEEDED);
  }

  @Test
  void aKeyRevokedElsewhereDoesNotCountTowardsTheQuota() {
    long max = WorkspacePolicy.DEFAULT.maxKeys();
    List<Entry> entries =
        List.of(revoked(entry(GOOD, max, 1)), revoked(entry(GOOD, max, 2)), entry(GOOD, max, 3));
    assertThat(rejections(entries, Set.of())).containsExactly(null, null, Reason.QUOTA_EXCEEDED);
    List<Entry> oneLess = List.of(revoked(entry(GOOD, max - 1, 1)), entry(GOOD, max - 1, 2));
    assertThat(rejections(oneLess, Set.of())).containsExactly(null, null);
  }

  private static Entry revoked(Entry entry) {
    ImportKey command = entry.command();
    var past = new ImportKey.Past(null, NOW, RevocationReason.COMPROMISED);
    return new Entry(
        new ImportKey(command.keyId(), command.context(), command.key(), command.secret(), past),
        entry.digests(),
        entry.origin());
  }

  private static List<@Nullable Reason> rejections(List<Entry> entries, Set<Digest> known) {
    return ImportDecider.decide(entries, known).stream()
        .<@Nullable Reason>map(
            outcome -> outcome instanceof Outcome.Rejected rejected ? rejected.reason() : null)
        .toList();
  }

  /**
   * @param keys the number of keys in the workspace
   */
  private static Entry entry(RequestedExpiry expiry, long keys, int... digests) {
    var context =
        new CommandContext(
            "default", null, NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE, false, keys, 0);
    var key =
        new KeySpecification(
            new KeyName("Billing"),
            new Owner(OwnerType.APP, "billing"),
            Environment.LIVE,
            List.of(),
            expiry,
            null,
            IpAllowList.ANY,
            new Metadata(Map.of()));
    var secret = new StoredSecret(digest(digests[0]), 1, null);
    return new Entry(
        new ImportKey(
            KeyId.of(NOW.toEpochMilli(), 1, digests[0]), context, key, secret, ImportKey.Past.NONE),
        Arrays.stream(digests).mapToObj(ImportDeciderTest::digest).collect(Collectors.toSet()),
        new CommandOrigin(Actor.ROOT, "req", EventContext.NONE));
  }

  private static Digest digest(int number) {
    return new Digest(number, 0, 0, 0);
  }
}
