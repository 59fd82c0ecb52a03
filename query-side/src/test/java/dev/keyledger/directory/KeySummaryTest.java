package dev.keyledger.directory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.SecretUse;
import dev.keyledger.events.StreamId;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.NewEvent;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys that need attention and the counts, compared with the keys one by one. */
@Timeout(120)
class KeySummaryTest {
  private static final Instant NOW = Histories.EPOCH;
  private static final Instant MONDAY = Instant.parse("2029-12-31T00:00:00Z");
  private static final Owner BILLING = new Owner(OwnerType.APP, "billing");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration WEEK = Duration.ofDays(7);

  private final TestLog log = TestLog.following();
  private final LastUseTable uses = new LastUseTable(log.database);
  private long made;

  @AfterEach
  void close() {
    log.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {71, 72, 73})
  void theNumbersAreThoseOfTheKeysAtAnyTime(long seed) {
    log.append(new Histories(seed, 1).next(800));
    var random = new Random(seed);
    List<Known> keys = known();
    for (Known key : keys) {
      if (random.nextBoolean()) {
        Instant used = NOW.plus(random.nextInt(100) - 150L, ChronoUnit.DAYS);
        uses.write(List.of(new SecretUse(key.view.keyId(), 1, used)));
        key.lastUsed = used;
      }
    }
    for (int i = 0; i < 12; i++) {
      Instant at = NOW.plus(MINUTE.multipliedBy(random.nextInt(60 * 24 * 110) - 1000L));
      KeySummary summary =
          new Directory(log.projections, log.directoryProjection).summary("default", at, MONDAY);

      assertThat(summary.total()).isEqualTo(keys.size());
      assertThat(summary.byStatus())
          .as("seed %d at %s", seed, at)
          .isEqualTo(
              counts(
                  KeyStatus.values(),
                  status -> keys.stream().filter(key -> key.view.statusAt(at) == status).count()));
      assertThat(summary.attention())
          .as("seed %d at %s", seed, at)
          .isEqualTo(
              counts(
                  AttentionReason.values(),
                  one -> keys.stream().filter(key -> key.needs(one, at)).count()));
      for (AttentionReason one : AttentionReason.values()) {
        Instant now = at.plusNanos(1000L * random.nextInt(60_000_000));
        assertThat(needing(one, now))
            .as("seed %d: %s at %s", seed, one, now)
            .containsExactlyElementsOf(
                keys.reversed().stream()
                    .filter(key -> key.needs(one, now))
                    .map(key -> key.view.keyId())
                    .toList());
      }
    }
    KeySummary summary = log.directory.summary("default", NOW, MONDAY);
    assertThat(summary.expiriesByWeek()).hasSize(Directory.SUMMARY_WEEKS);
    summary
        .expiriesByWeek()
        .forEach((from, number) ->
            assertThat(number)
                .as("seed %d, week from %s", seed, from)
                .isEqualTo(
                    keys.stream()
                        .map(Known::willExpireAt)
                        .filter(end -> end != null && !end.isBefore(from))
                        .filter(end -> end.isBefore(from.plus(WEEK)))
                        .count()));
  }

  private static <T> Map<T, Long> counts(T[] values, Function<T, Long> count) {
    var counts = new LinkedHashMap<T, Long>();
    for (T value : values) {
      counts.put(value, count.apply(value));
    }
    return counts;
  }

  /** A key as the log has it. */
  private static final class Known {
    private final KeyView view;
    private final boolean rotationCompleted;
    private @Nullable Instant lastUsed;

    Known(List<LoggedEvent> events) {
      view = requireNonNull(KeyView.fold(events));
      boolean completed = false;
      for (LoggedEvent event : events) {
        completed =
            switch ((KeyEvent) event.event()) {
              case RotationCompleted _ -> true;
              case KeyRotated _, SecretRetired _ -> false;
              default -> completed;
            };
      }
      rotationCompleted = completed;
    }

    /** The expiry, unless the key is revoked before. */
    @Nullable Instant willExpireAt() {
      Instant end = view.facts().validity().expiresAt();
      return end == null || view.statusAt(end) == KeyStatus.REVOKED ? null : end;
    }

    boolean needs(AttentionReason one, Instant at) {
      Instant end = view.facts().validity().expiresAt();
      boolean lives = view.statusAt(at) != KeyStatus.REVOKED && (end == null || at.isBefore(end));
      return switch (one) {
        case EXPIRING_7D -> expiresWithin(Duration.ofDays(7), at);
        case EXPIRING_30D -> expiresWithin(Duration.ofDays(30), at);
        case CLOSABLE_OVERLAP ->
            lives && rotationCompleted && view.facts().secrets().previousAliveAt(at) != null;
        case NEVER_USED -> lives && lastUsed == null;
        case IDLE_90D ->
            lives
                && lastUsed != null
                && lastUsed
                    .truncatedTo(ChronoUnit.MINUTES)
                    .isBefore(at.minus(Duration.ofDays(90)).truncatedTo(ChronoUnit.MINUTES));
        case NO_EXPIRY -> lives && end == null;
        case LEAKED -> !view.facts().secrets().leaked().isEmpty();
      };
    }

    private boolean expiresWithin(Duration within, Instant at) {
      Instant end = willExpireAt();
      return end != null && at.isBefore(end) && end.isBefore(at.plus(within));
    }
  }

  /** Returns the keys, oldest first. */
  private List<Known> known() {
    log.awaitApplied();
    return log.reader.readAfter(0, 10_000).stream()
        .map(LoggedEvent::stream)
        .filter(stream -> stream.kind() == StreamId.Kind.KEY)
        .distinct()
        .map(stream -> new Known(log.reader.readStream(stream)))
        .toList();
  }

  /** Returns the keys that need attention, a page after the other. */
  private List<KeyId> needing(AttentionReason one, Instant now) {
    var found = new ArrayList<KeyId>();
    Long before = null;
    do {
      Page<KeyView, Long> page =
          log.directory.keysThatNeed(one, "default", DirectoryFilter.ALL, before, 7, now);
      page.entries().forEach(key -> found.add(key.keyId()));
      before = page.next();
    } while (before != null);
    return found;
  }

  @Test
  void theBoundsOfPeriodsAreThoseOfTheContract() {
    Instant nextMonday = MONDAY.plus(WEEK);
    for (Instant end :
        List.of(
            nextMonday.minusNanos(1),
            nextMonday,
            nextMonday.plusNanos(1),
            nextMonday.plus(WEEK).minusSeconds(1))) {
      issued(end);
    }
    log.awaitApplied();
    KeySummary summary = log.directory.summary("default", nextMonday, MONDAY);
    assertThat(summary.expiriesByWeek().values()).startsWith(1L, 3L, 0L);
    assertThat(summary.byStatus())
        .containsEntry(KeyStatus.EXPIRED, 2L)
        .containsEntry(KeyStatus.ACTIVE, 2L);
    assertThat(summary.attention())
        .containsEntry(AttentionReason.EXPIRING_7D, 2L)
        .containsEntry(AttentionReason.EXPIRING_30D, 2L);
    assertThat(
            log.directory
                .summary("default", nextMonday.minus(MINUTE), MONDAY)
                .attention()
                .get(AttentionReason.EXPIRING_7D))
        .as("a minute earlier the last one is not within 7 days, and the first two are")
        .isEqualTo(3L);
  }

  @Test
  void aWorkspaceHasItsOwnNumbers() {
    issued(null);
    log.awaitApplied();
    assertThat(log.directory.summary("default", NOW, MONDAY).total()).isOne();
    KeySummary elsewhere = log.directory.summary("elsewhere", NOW, MONDAY);
    assertThat(elsewhere.total()).isZero();
    assertThat(elsewhere.attention().keySet()).containsExactly(AttentionReason.values());
    assertThat(elsewhere.attention().values()).containsOnly(0L);
  }

  /** Checks that a count of zero has no row: otherwise a rebuild would differ. */
  @Test
  void aRevokedKeyLeavesNoCountOfItsExpiry() {
    KeyId planned = issued(NOW.plus(WEEK));
    KeyId revoked = issued(NOW.plus(WEEK));
    log.append(
        Histories.eventOf(
            planned,
            1,
            new RevocationPlanned(NOW.plus(Duration.ofDays(6)), RevocationReason.POLICY),
            Actor.ROOT));
    log.append(
        Histories.eventOf(revoked, 1, new KeyRevoked(RevocationReason.UNSPECIFIED), Actor.ROOT));
    log.awaitApplied();
    KeySummary summary = log.directory.summary("default", NOW.plus(MINUTE), MONDAY);
    assertThat(summary.attention()).containsEntry(AttentionReason.EXPIRING_7D, 0L);
    assertThat(summary.expiriesByWeek().values()).containsOnly(0L);
    log.append(
        Histories.eventOf(planned, 2, new KeyRevoked(RevocationReason.POLICY), Actor.SYSTEM));
    log.awaitApplied();
    TestLog.execute(
        log.settings,
        """
        DO $$ BEGIN
          ASSERT (SELECT count(*) FROM read.directory_count) = 1, 'only "revoked", from the beginning';
        END $$
        """);
  }

  @Test
  void aPageLooksAtSoManyKeysAndTheNextOneGoesOnThere() {
    KeyId first = issued(null);
    var owners = new Owner(OwnerType.APP, "other");
    for (int part = 0; part < 10; part++) {
      var events = new ArrayList<NewEvent>();
      for (int i = 0; i < Directory.EXAMINED_MAX / 10; i++) {
        events.add(
            Histories.eventOf(
                Histories.keyId(1, ++made),
                0,
                Histories.issued(1, made, "Key", owners, null),
                Actor.ROOT));
      }
      log.append(events);
    }
    log.awaitApplied();
    DirectoryFilter filter =
        new DirectoryFilter(
            List.of(BILLING), List.of(), List.of(), null, null, null, null, null, null);
    for (AttentionReason one : List.of(AttentionReason.NEVER_USED, AttentionReason.NO_EXPIRY)) {
      Page<KeyView, Long> page = log.directory.keysThatNeed(one, "default", filter, null, 5, NOW);
      assertThat(page.entries()).isEmpty();
      assertThat(page.next()).isEqualTo(2);
      page = log.directory.keysThatNeed(one, "default", filter, page.next(), 5, NOW);
      assertThat(page.entries()).extracting(KeyView::keyId).containsExactly(first);
      assertThat(page.next()).isNull();
    }
    Page<KeyView, Long> leaked =
        log.directory.keysThatNeed(
            AttentionReason.LEAKED, "default", DirectoryFilter.ALL, null, 5, NOW);
    assertThat(leaked.entries()).isEmpty();
    assertThat(leaked.next()).as("has an index of its own").isNull();
  }

  @Test
  void countingByUsesTakesATwentiethOfTheTime() {
    var nanos = new long[1];
    var asked = new ArrayList<String>();
    var counts =
        new UseCounts(
            (workspace, _) -> {
              asked.add(workspace);
              nanos[0] += 100;
              if (workspace.equals("large")) {
                throw new StoreUnavailableException("too long", new RuntimeException());
              }
              return Map.of(AttentionReason.NEVER_USED, (long) asked.size());
            },
            () -> nanos[0]);
    assertThat(counts.of("a", NOW)).containsEntry(AttentionReason.NEVER_USED, 1L);
    nanos[0] += 1_999;
    assertThat(counts.of("a", NOW)).containsEntry(AttentionReason.NEVER_USED, 1L);
    nanos[0]++;
    assertThat(counts.of("a", NOW)).containsEntry(AttentionReason.NEVER_USED, 2L);
    assertThat(counts.of("large", NOW)).isEmpty();
    assertThat(counts.of("large", NOW)).isEmpty();
    assertThat(asked).containsExactly("a", "a", "large");
    for (int i = 0; i < UseCounts.WORKSPACES_MAX; i++) {
      var _ = counts.of("w" + i, NOW);
    }
    asked.clear();
    var _ = counts.of("w1", NOW.plus(MINUTE));
    assertThat(asked).as("kept, but old").containsExactly("w1");
  }

  private KeyId issued(@Nullable Instant expiresAt) {
    KeyId key = Histories.keyId(1, ++made);
    log.append(
        Histories.eventOf(
            key, 0, Histories.issued(1, made, "Key", BILLING, expiresAt), Actor.ROOT));
    return key;
  }
}
