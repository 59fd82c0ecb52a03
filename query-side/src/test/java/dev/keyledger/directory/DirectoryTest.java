package dev.keyledger.directory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.directory.Directory.ExpiringCursor;
import dev.keyledger.directory.Directory.SentReminder;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.Environment;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyTransferred;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.SecretUse;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.NewEvent;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DirectoryTest {
  private static final Instant NOW = Histories.EPOCH;
  private static final Owner BILLING = new Owner(OwnerType.APP, "billing");
  private static final Owner OTHER_BILLING = new Owner(OwnerType.SERVICE, "billing");

  private final TestLog log = TestLog.following();
  private final Map<KeyId, Integer> sequences = new HashMap<>();
  private long made;

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void keysAreListedNewestFirst() {
    KeyId first = issued("First");
    KeyId second = issued("Second");
    then(first, new KeyDescribed("First, renamed", Map.of()));

    assertThat(found(DirectoryFilter.ALL)).containsExactly(second, first);
    assertThat(keys(DirectoryFilter.ALL).getLast())
        .isEqualTo(KeyView.fold(log.reader.readStream(StreamId.of(first))));
  }

  @Test
  void keysOfOtherWorkspacesAreNotListed() {
    issued("Here");
    assertThat(log.directory.keys("elsewhere", DirectoryFilter.ALL, null, 10, NOW).entries())
        .isEmpty();
  }

  @Test
  void theOwnerFilterMatchesTheCurrentOwnersTypeAndId() {
    KeyId app = issued("App");
    KeyId service = begun(Histories.issued(1, made, "Service", OTHER_BILLING, null), Actor.ROOT);
    assertThat(found(owner(BILLING))).containsExactly(app);
    then(service, new KeyTransferred(BILLING));
    assertThat(found(owner(BILLING))).containsExactly(service, app);
    assertThat(found(owner(OTHER_BILLING))).isEmpty();
  }

  @Test
  void theStatusFilterMatchesTheStatusShownAtThatTime() {
    for (Instant expiresAt : Stream.of(NOW, NOW.plusNanos(1000), NOW.plusNanos(1)).toList()) {
      for (Instant notBefore : Stream.of(NOW, NOW.plusNanos(1), NOW.minusNanos(1)).toList()) {
        KeyId active = timed(notBefore, expiresAt);
        then(timed(notBefore, expiresAt), new KeySuspended());
        then(active, new KeyDescribed("again", Map.of()));
        then(timed(notBefore, expiresAt), new KeyRevoked(RevocationReason.LEAKED));
      }
    }
    for (Instant effectiveAt : List.of(NOW, NOW.plusNanos(1), NOW.plusNanos(1000))) {
      then(timed(null, null), new SuspensionPlanned(effectiveAt));
      then(timed(null, NOW), new RevocationPlanned(effectiveAt, RevocationReason.LEAKED));
      KeyId cancelled = timed(null, null);
      then(cancelled, new RevocationPlanned(effectiveAt, RevocationReason.LEAKED));
      then(cancelled, new PlanCancelled());
    }
    timed(null, null);
    for (Instant at : List.of(NOW.minusNanos(1000), NOW, NOW.plusNanos(1000))) {
      for (KeyStatus status : KeyStatus.values()) {
        var filter =
            new DirectoryFilter(
                List.of(), List.of(status), List.of(), null, null, null, null, null, null);
        List<KeyId> expected =
            keys(DirectoryFilter.ALL).stream()
                .filter(key -> key.statusAt(at) == status)
                .map(KeyView::keyId)
                .toList();
        log.awaitApplied();
        assertThat(ids(log.directory.keys("default", filter, null, 200, at)))
            .as("%s at %s", status, at)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void thePermissionFilterMatchesLiterally() {
    KeyId holder = issued("Holder");
    KeyId wildcard = issued("Wildcard");
    then(wildcard, new PermissionsChanged(List.of("read:*"), List.of("read:users")));
    assertThat(found(permission("read:users"))).containsExactly(holder);
    assertThat(found(permission("read:*"))).containsExactly(wildcard);
    assertThat(found(permission("read:user"))).isEmpty();
  }

  @Test
  void theIssuerFilterMatchesATypeOrOneOfThem() {
    KeyId byRoot = issued("By root");
    var operator = new Actor(ActorType.OPERATOR, "key_1");
    KeyId byOne = begun(Histories.issued(1, made, "One", BILLING, null), operator);
    KeyId byOther =
        begun(
            Histories.issued(1, made, "Other", BILLING, null),
            new Actor(ActorType.OPERATOR, "key_2"));
    assertThat(found(issuedBy(ActorType.ROOT, null))).containsExactly(byRoot);
    assertThat(found(issuedBy(ActorType.OPERATOR, null))).containsExactly(byOther, byOne);
    assertThat(found(issuedBy(ActorType.OPERATOR, "key_1"))).containsExactly(byOne);
    assertThat(found(issuedBy(ActorType.OPERATOR, "key_"))).isEmpty();
  }

  @Test
  void theExpiryFilterIsExclusive() {
    KeyId key = timed(null, NOW);
    timed(null, null);
    assertThat(found(expiresBefore(NOW.plusNanos(1)))).containsExactly(key);
    assertThat(found(expiresBefore(NOW))).isEmpty();
  }

  @Test
  void theTextMatchesPartOfTheNameOrOfTheOwnerOrTheBeginningOfTheId() {
    KeyId payments = issued("100% Payments_ÄÖ \\ live");
    KeyId other = issued("Other");
    for (String text : List.of("payMENTS", "0% p", "s_ä", "\\ l", payments.value())) {
      assertThat(found(text(text))).as(text).containsExactly(payments);
    }
    for (String text : List.of("0_ p", "%live", "ts%", payments.value().substring(1), "ill_ng")) {
      assertThat(found(text(text))).as(text).isEmpty();
    }
    for (String text : List.of("bill", "ILLing", "key_")) {
      assertThat(found(text(text))).as(text).containsExactly(other, payments);
    }
  }

  @Test
  void theTextMatchesTheEndOrTheWholeOfTheHint() {
    KeyId key = issued("Hinted");
    String hint =
        requireNonNull(keys(DirectoryFilter.ALL).getFirst().facts().secrets().current().hint());
    for (String text : List.of(hint, hint.substring(hint.length() - 4))) {
      assertThat(found(text(text))).as(text).containsExactly(key);
    }
    for (String text : List.of(hint.substring(1), hint.substring(hint.length() - 3), hint + "x")) {
      assertThat(found(text(text))).as(text).isEmpty();
    }
  }

  @Test
  void theEnvironmentFilterMatchesOneOfTwo() {
    KeyId live = issued("Live");
    assertThat(found(environment(Environment.LIVE))).containsExactly(live);
    assertThat(found(environment(Environment.TEST))).isEmpty();
  }

  /**
   * Checks that every key that exists from the beginning to the end of the traversal is returned
   * exactly once.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void pagingReturnsEachKeyOnceDespiteConcurrentWrites(long seed) {
    var random = new Random(seed);
    var keys = new ArrayList<KeyId>();
    for (int i = 0; i < 60; i++) {
      keys.add(timed(null, NOW.plus(Duration.ofHours(random.nextInt(24 * 30)))));
    }
    log.awaitApplied();

    var walked = new ArrayList<KeyId>();
    Long before = null;
    do {
      Page<KeyView, Long> page = log.directory.keys("default", DirectoryFilter.ALL, before, 7, NOW);
      walked.addAll(ids(page));
      before = page.next();
      disturb(random, keys);
    } while (before != null);
    assertThat(walked).as("seed %d", seed).containsExactlyElementsOf(keys.reversed());

    List<KeyId> due =
        ids(
            log.directory.expiring(
                "default", List.of(), NOW, NOW.plus(Duration.ofDays(31)), false, null, 200));
    var walkedDue = new ArrayList<KeyId>();
    ExpiringCursor after = null;
    do {
      Page<KeyView, ExpiringCursor> page =
          log.directory.expiring(
              "default", List.of(), NOW, NOW.plus(Duration.ofDays(31)), false, after, 7);
      walkedDue.addAll(ids(page));
      after = page.next();
      disturb(random, keys);
    } while (after != null);
    assertThat(walkedDue).as("seed %d", seed).containsExactlyElementsOf(due);
    assertThat(due).hasSizeGreaterThanOrEqualTo(60);
  }

  @Test
  void expiringKeysComeSoonestFirstWithoutRevokedOnes() {
    KeyId later = timed(null, NOW.plusSeconds(20));
    KeyId sooner = timed(null, NOW.plusSeconds(10));
    KeyId suspended = timed(null, NOW.plusSeconds(15));
    then(suspended, new KeySuspended());
    then(timed(null, NOW.plusSeconds(12)), new KeyRevoked(RevocationReason.LEAKED));
    timed(null, NOW);
    timed(null, null);
    timed(null, NOW.plusSeconds(30));
    KeyId renewed = timed(null, NOW.plusSeconds(5));
    then(renewed, new KeyRenewed(NOW.plusSeconds(29), null, List.of()));

    log.awaitApplied();
    assertThat(
            ids(
                log.directory.expiring(
                    "default", List.of(), NOW, NOW.plusSeconds(30), false, null, 200)))
        .containsExactly(sooner, suspended, later, renewed);
    assertThat(
            ids(
                log.directory.expiring(
                    "default", List.of(OTHER_BILLING), NOW, NOW.plusSeconds(30), false, null, 200)))
        .isEmpty();
  }

  /**
   * Checks that a key that is used for the first time in a long while keeps its place in the walk.
   */
  @Test
  void keysInUseComeFirstWhateverIsUsedMeanwhile() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Instant today = Instant.now();
    var uses = new LastUseTable(log.database);
    var inUse = new ArrayList<KeyId>();
    var others = new ArrayList<KeyId>();
    for (int i = 0; i < 60; i++) {
      KeyId key = timed(null, NOW.plusSeconds(100 + i));
      switch (random.nextInt(3)) {
        case 0 -> {
          uses.write(
              List.of(new SecretUse(key, 1, today.minus(Duration.ofDays(random.nextInt(29))))));
          inUse.add(key);
        }
        case 1 -> {
          uses.write(
              List.of(
                  new SecretUse(key, 1, today.minus(Duration.ofDays(31 + random.nextInt(300))))));
          others.add(key);
        }
        default -> others.add(key);
      }
    }
    TestLog.execute(
        log.settings, "UPDATE log.key_last_use SET known_since = known_since - interval '1 hour'");
    log.awaitApplied();
    var expected = new ArrayList<>(inUse);
    expected.addAll(others);
    var all = List.copyOf(expected);

    for (int limit : List.of(1, 59, 60, 200, 7)) {
      var walked = new ArrayList<KeyId>();
      ExpiringCursor after = null;
      do {
        Page<KeyView, ExpiringCursor> page =
            log.directory.expiring(
                "default", List.of(), NOW, NOW.plus(Duration.ofDays(1)), true, after, limit);
        assertThat(page.entries()).hasSizeLessThanOrEqualTo(limit);
        walked.addAll(ids(page));
        after = page.next();
        for (int i = 0; i < 5 && limit == 7; i++) {
          uses.write(List.of(new SecretUse(all.get(random.nextInt(all.size())), 1, Instant.now())));
        }
      } while (after != null);
      assertThat(walked).as("seed %d, limit %d", seed, limit).containsExactlyElementsOf(all);
    }
  }

  @Test
  void theDueListShowsTheRemindersOfThePresentExpiry() {
    Instant end = NOW.plusSeconds(10);
    KeyId key = timed(null, end);
    KeyId other = timed(null, end);
    var month = new ExpiryApproaching(Duration.ofDays(30), end);
    var week = new ExpiryApproaching(Duration.ofDays(7), end);
    then(key, new ExpiryApproaching(Duration.ofDays(30), end.minusSeconds(5)));
    then(key, month);
    then(key, week);
    then(key, new KeyExpired(end));
    log.awaitApplied();

    List<KeyView> keys =
        log.directory
            .expiring("default", List.of(), NOW, NOW.plusSeconds(30), false, null, 200)
            .entries();
    Map<KeyId, List<SentReminder>> sent = log.directory.remindersSent(keys);
    assertThat(sent.get(key))
        .extracting(SentReminder::offset)
        .containsExactly(month.offset(), week.offset());
    assertThat(sent.get(other)).isEmpty();
  }

  /** Issues a key and changes two others: their expiry, their name. */
  private void disturb(Random random, List<KeyId> keys) {
    timed(null, NOW.plus(Duration.ofDays(random.nextInt(30))));
    for (int i = 0; i < 3; i++) {
      Instant expiresAt = NOW.plus(Duration.ofHours(1 + random.nextInt(24 * 30)));
      then(keys.get(random.nextInt(keys.size())), new KeyRenewed(expiresAt, null, List.of()));
    }
    then(keys.get(random.nextInt(keys.size())), new KeyDescribed("Renamed", Map.of()));
    log.awaitApplied();
  }

  private KeyId issued(String name) {
    return begun(Histories.issued(1, made, name, BILLING, null), Actor.ROOT);
  }

  @Test
  void unusedKeysAreThoseIssuedBeforeAndNotUsedInThatMinuteOrLater() {
    KeyId never = issued("Never used");
    KeyId used = issued("Used");
    KeyView last = keys(DirectoryFilter.ALL).getFirst();
    Instant minute = last.createdAt().truncatedTo(ChronoUnit.MINUTES).plusSeconds(60);
    new LastUseTable(log.database).write(List.of(new SecretUse(used, 1, minute)));

    assertThat(found(unusedSince(minute.plusSeconds(60)))).containsExactly(used, never);
    assertThat(found(unusedSince(minute.plusSeconds(60).minusNanos(1)))).containsExactly(never);
    assertThat(found(unusedSince(last.createdAt().plusNanos(1000)))).containsExactly(never);
    assertThat(found(unusedSince(last.createdAt()))).doesNotContain(used);
    assertThat(log.directory.lastUses(keys(DirectoryFilter.ALL)))
        .isEqualTo(Map.of(used, new LastUse(minute, 1, minute, minute, null)));
  }

  private KeyId timed(@Nullable Instant notBefore, @Nullable Instant expiresAt) {
    KeyIssued plain = Histories.issued(1, made, "Timed", BILLING, expiresAt);
    return begun(
        new KeyIssued(
            plain.name(),
            plain.owner(),
            plain.environment(),
            plain.secret(),
            plain.permissions(),
            notBefore,
            expiresAt,
            null,
            List.of(),
            List.of(),
            Map.of()),
        Actor.ROOT);
  }

  private KeyId begun(KeyEvent event, Actor actor) {
    KeyId key = Histories.keyId(1, made++);
    sequences.put(key, 0);
    log.append(new NewEvent[] {Histories.eventOf(key, 0, event, actor)});
    return key;
  }

  private void then(KeyId key, KeyEvent event) {
    int sequence = sequences.merge(key, 1, Integer::sum);
    log.append(new NewEvent[] {Histories.eventOf(key, sequence, event, Actor.ROOT)});
  }

  private List<KeyView> keys(DirectoryFilter filter) {
    log.awaitApplied();
    return log.directory.keys("default", filter, null, 200, NOW).entries();
  }

  private List<KeyId> found(DirectoryFilter filter) {
    return keys(filter).stream().map(KeyView::keyId).toList();
  }

  private static List<KeyId> ids(Page<KeyView, ?> page) {
    return page.entries().stream().map(KeyView::keyId).toList();
  }

  private static DirectoryFilter owner(Owner owner) {
    return new DirectoryFilter(
        List.of(owner), List.of(), List.of(), null, null, null, null, null, null);
  }

  private static DirectoryFilter permission(String permission) {
    return new DirectoryFilter(
        List.of(), List.of(), List.of(permission), null, null, null, null, null, null);
  }

  private static DirectoryFilter environment(Environment environment) {
    return new DirectoryFilter(
        List.of(), List.of(), List.of(), environment, null, null, null, null, null);
  }

  private static DirectoryFilter issuedBy(ActorType type, @Nullable String id) {
    return new DirectoryFilter(List.of(), List.of(), List.of(), null, type, id, null, null, null);
  }

  private static DirectoryFilter expiresBefore(Instant time) {
    return new DirectoryFilter(List.of(), List.of(), List.of(), null, null, null, time, null, null);
  }

  private static DirectoryFilter unusedSince(Instant time) {
    return new DirectoryFilter(List.of(), List.of(), List.of(), null, null, null, null, time, null);
  }

  private static DirectoryFilter text(String text) {
    return new DirectoryFilter(List.of(), List.of(), List.of(), null, null, null, null, null, text);
  }
}
