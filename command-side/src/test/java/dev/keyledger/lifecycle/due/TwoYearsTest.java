package dev.keyledger.lifecycle.due;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.Plan;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.Validity;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyCommand.CancelPlan;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyCommand.PlanRevocation;
import dev.keyledger.lifecycle.KeyCommand.PlanSuspension;
import dev.keyledger.lifecycle.KeyCommand.RenewKey;
import dev.keyledger.lifecycle.KeyCommand.ResumeKey;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyCommand.RotateKey;
import dev.keyledger.lifecycle.KeyCommand.SuspendKey;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.Ledger.Order;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import dev.keyledger.log.CommandOrigin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Two years in the life of many keys, with random renewals, rotations, suspensions, revocations,
 * changes of policies, closed workspaces, and sweeps that are late, concurrent, and crash at every
 * point. An oracle that knows neither the list of due times nor the decider derives the expected
 * reminders from the log.
 */
class TwoYearsTest {
  private static final int KEYS = 10_000;
  private static final Instant BEGIN = Instant.parse("2027-01-01T00:00:00Z");
  private static final Instant END = BEGIN.plus(Duration.ofDays(730));
  private static final Duration LATE_MAX = Duration.ofMinutes(1);

  /** The time from the missed heartbeat to the sweep of another node. */
  private static final Duration TAKEOVER = Duration.ofSeconds(13);

  private static final int WORKSPACES = 10;
  private static final List<List<Duration>> REMINDERS =
      List.of(
          WorkspacePolicy.DEFAULT.reminders(),
          List.of(),
          List.of(Duration.ofHours(1)),
          List.of(Duration.ofDays(60), Duration.ofDays(14), Duration.ofMinutes(90)),
          List.of(Duration.ofDays(90), Duration.ofDays(89)));

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private Instant now = BEGIN;
  private final Workspaces workspaces = new Workspaces();
  private final MemoryLedger ledger = new MemoryLedger(workspaces, () -> now, new Interference());
  private final MemoryDueKeys dueKeys = new MemoryDueKeys(ledger.log);
  private final DueSweep sweep = new DueSweep(new CrashingDueKeys(), ledger, workspaces, () -> now);
  private final List<KeyId> keys = new ArrayList<>();
  private boolean interfering;
  private int crashes;
  private int crashesInARow;

  private static final class Crash extends RuntimeException {}

  private record Step(Instant time, int key) {}

  @Test
  void eachReminderIsRecordedOnceAndInTime() {
    System.out.println("seed of the two years: " + seed);
    openWorkspaces();
    var steps = new PriorityQueue<Step>(Comparator.comparing(Step::time));
    for (int key = 0; key < KEYS; key++) {
      keys.add(KeyId.of(BEGIN.toEpochMilli(), 0, key));
      steps.add(new Step(key % 10 == 0 ? BEGIN.plusSeconds(key % 60) : soon(), key));
    }
    while (now.isBefore(END)) {
      while (dueKeys.catchUp()) {}
      Instant due = dueKeys.first();
      Step step = steps.peek();
      if (due != null && (step == null || !due.isAfter(step.time))) {
        advanceTo(due.plusMillis(random.nextInt(4_000)));
        sweepUntilDone();
      } else {
        Step next = steps.remove();
        advanceTo(next.time);
        command(next.key);
        steps.add(new Step(soon(), next.key));
      }
    }
    assertRemindersAreWhatTheyMustBe();
    assertRotationsAreCompletedOnce();
    assertThat(crashes).as("crashes").isGreaterThan(KEYS / 100);
  }

  private void openWorkspaces() {
    for (int i = 0; i < WORKSPACES; i++) {
      String name = "w" + i;
      ledger.append(StreamId.ofWorkspace(name), 0, name, new WorkspaceOpened(policy()), Actor.ROOT);
    }
  }

  private WorkspacePolicy policy() {
    WorkspacePolicy usual = WorkspacePolicy.DEFAULT;
    return new WorkspacePolicy(
        usual.defaultLifetime(),
        usual.maxLifetime(),
        random.nextInt(10) == 0,
        usual.renewalWindow(),
        usual.defaultOverlap(),
        REMINDERS.get(random.nextInt(REMINDERS.size())),
        null,
        usual.maxKeys(),
        null,
        usual.holderMay(),
        usual.rotationQuiet());
  }

  private Instant soon() {
    return now.plusMillis((long) (random.nextExponential() * Duration.ofDays(40).toMillis()));
  }

  private void advanceTo(Instant time) {
    now = time.isAfter(now) ? time : now;
  }

  /** Crashes, but only as often that another node can follow within a minute. */
  private void crash() {
    if (crashesInARow < 3) {
      crashesInARow++;
      crashes++;
      throw new Crash();
    }
  }

  /** Sweeps until nothing is due: a node that dies is followed by another one. */
  private void sweepUntilDone() {
    while (true) {
      try {
        int _ = sweep.run(() -> true);
        crashesInARow = 0;
        return;
      } catch (Crash _) {
        now = now.plus(TAKEOVER);
      }
    }
  }

  private void command(int number) {
    String workspace = "w" + number % WORKSPACES;
    if (random.nextInt(KEYS) == 0) {
      changeWorkspace(workspace);
    }
    CommandContext context =
        CommandContext.of(workspaces.inForce(workspace).orElseThrow(), null, now, Ceiling.NONE);
    KeyId keyId = keys.get(number);
    KeyCommand command =
        ledger.key(keyId) == null ? issue(keyId, context, number) : change(keyId, context);
    var origin = new CommandOrigin(Actor.ROOT, "r", EventContext.NONE);
    var _ = ledger.execute(new Order<>(command, origin));
  }

  private void changeWorkspace(String workspace) {
    var view = workspaces.find(workspace).orElseThrow();
    if (!view.isClosed()) {
      ledger.append(
          StreamId.ofWorkspace(workspace),
          view.version(),
          workspace,
          random.nextInt(8) == 0 ? new WorkspaceClosed() : new PolicyChanged(policy()),
          Actor.ROOT);
    }
  }

  private IssueKey issue(KeyId keyId, CommandContext context, int number) {
    boolean inACrowd = number % 10 == 0;
    return new IssueKey(
        keyId,
        context,
        new KeySpecification(
            new KeyName("Billing"),
            new Owner(OwnerType.APP, "billing"),
            Environment.LIVE,
            List.of(),
            inACrowd ? new RequestedExpiry.At(BEGIN.plus(Duration.ofDays(100))) : expiry(),
            null,
            IpAllowList.ANY,
            new Metadata(Map.of())),
        new StoredSecret(new Digest(number, 0, 0, 0), 1, null));
  }

  private KeyCommand change(KeyId keyId, CommandContext context) {
    return switch (random.nextInt(24)) {
      case 0 -> new RevokeKey(keyId, context, RevocationReason.UNSPECIFIED);
      case 1, 2 -> new SuspendKey(keyId, context);
      case 3, 4 -> new ResumeKey(keyId, context);
      case 5, 6, 7 ->
          new RotateKey(
              keyId,
              context,
              new StoredSecret(new Digest(random.nextLong(), 1, 1, 1), 1, null),
              null,
              true,
              random.nextBoolean() ? expiry() : null,
              random.nextBoolean(),
              null);
      case 8 -> new PlanRevocation(keyId, context, soon(), RevocationReason.SUPERSEDED);
      case 9, 10 -> new PlanSuspension(keyId, context, soon());
      case 11 -> new CancelPlan(keyId, context);
      default -> new RenewKey(keyId, context, expiry(), random.nextBoolean());
    };
  }

  private RequestedExpiry expiry() {
    return switch (random.nextInt(8)) {
      case 0 -> new RequestedExpiry.Never();
      case 1 -> new RequestedExpiry.After(Duration.ofMillis(1_000 + random.nextInt(100_000_000)));
      // Repeated dates, so that keys return to one that they have had.
      case 2, 3 -> new RequestedExpiry.At(BEGIN.plus(Duration.ofDays(30L * random.nextInt(25))));
      case 4 -> new RequestedExpiry.After(Duration.ofDays(1 + random.nextInt(365)));
      default -> new RequestedExpiry.ByPolicy();
    };
  }

  /** The faults of a sweep on its way to the log and back. */
  private final class Interference implements MemoryLedger.Fate {
    @Override
    public void beforeAppend() {
      now = now.plusMillis(random.nextInt(50));
      switch (random.nextInt(60)) {
        case 0 -> crash();
        case 1 -> beside(() -> command(random.nextInt(KEYS)));
        case 2 ->
            beside(() -> new DueSweep(dueKeys, ledger, workspaces, () -> now).run(() -> true));
        default -> {}
      }
    }

    @Override
    public void afterAppend() {
      if (random.nextInt(60) == 0) {
        crash();
      }
    }

    private void beside(Runnable other) {
      if (!interfering) {
        interfering = true;
        try {
          other.run();
        } catch (Crash _) {
          // The concurrent sweep continues.
        } finally {
          interfering = false;
        }
      }
    }
  }

  /** Crashes before it applies the log, or during the update of due times. */
  private final class CrashingDueKeys implements DueKeys {
    @Override
    public boolean catchUp() {
      if (random.nextInt(200) == 0) {
        crash();
      }
      return dueKeys.catchUp();
    }

    @Override
    public List<DueKey> due(Instant at, int max, Set<KeyId> except) {
      return dueKeys.due(at, max, except);
    }

    @Override
    public void move(List<DueKey> due, List<ExaminedKey> looked) {
      if (random.nextInt(60) == 0) {
        dueKeys.move(due, looked.subList(0, looked.size() / 2));
        crash();
      }
      dueKeys.move(due, looked);
    }
  }

  /**
   * A reminder that falls due while a validity is in force.
   *
   * @param ends the time at which that validity was replaced, or the key or its workspace ended
   */
  private record Window(KeyEvent.RemindsOfExpiry reminder, Instant ends) {
    boolean isDue() {
      return reminder.dueAt().isBefore(ends);
    }

    boolean isDueForLong() {
      return reminder.dueAt().plus(LATE_MAX).isBefore(ends);
    }
  }

  private void assertRemindersAreWhatTheyMustBe() {
    var closed = new HashMap<String, Instant>();
    var byKey = new TreeMap<String, List<LoggedEvent>>();
    for (LoggedEvent event : ledger.log) {
      if (event.event() instanceof WorkspaceClosed) {
        closed.put(event.workspace(), event.time());
      }
      if (event.event() instanceof KeyEvent) {
        byKey.computeIfAbsent(event.stream().id(), _ -> new ArrayList<>()).add(event);
      }
    }
    int recorded = 0;
    int effects = 0;
    for (List<LoggedEvent> history : byKey.values()) {
      Instant open = closed.getOrDefault(history.getFirst().workspace(), END);
      Instant closedAt = open.isBefore(END) ? open : END;
      recorded += assertReminders(history, closedAt);
      effects += assertEffectsOfPlans(history, closedAt);
    }
    // Both depend on when workspaces close, so that seeds differ by a half.
    assertThat(recorded).as("reminders").isGreaterThan(KEYS / 2);
    assertThat(effects).as("effects of plans").isGreaterThan(KEYS / 20);
  }

  /** Returns the number of effects of plans that the sweep has recorded. */
  private static int assertEffectsOfPlans(List<LoggedEvent> history, Instant closedAt) {
    int recorded = 0;
    Plan open = null;
    for (LoggedEvent logged : history) {
      boolean isEffect = open != null && logged.event().getClass().equals(open.effect().getClass());
      boolean inEffect = open != null && open.isInEffectAt(logged.time());
      if (logged.actor().equals(Actor.SYSTEM) && logged.event() instanceof KeyEvent.ChangesState) {
        assertThat(isEffect && inEffect).as("%s in %s", logged, history).isTrue();
        recorded++;
      }
      if (open != null) {
        assertInTime(open, earlier(logged.time(), closedAt), history);
        boolean isReminder = logged.event() instanceof KeyEvent.RemindsOfExpiry;
        assertThat(inEffect && open.revokes() && !isEffect && !isReminder)
            .as("%s in %s", logged, history)
            .isFalse();
      }
      open =
          switch (logged.event()) {
            case KeyEvent.PlansState planned -> {
              assertThat(open).as("%s in %s", logged, history).isNull();
              yield planned.plan();
            }
            case PlanCancelled _ -> {
              assertThat(inEffect).as("%s in %s", logged, history).isFalse();
              yield null;
            }
            case KeyRevoked _ -> null;
            default -> isEffect ? null : open;
          };
    }
    if (open != null) {
      assertInTime(open, closedAt, history);
    }
    return recorded;
  }

  private static void assertInTime(Plan open, Instant now, List<LoggedEvent> history) {
    assertThat(now).as("%s in %s", open, history).isBefore(open.effectiveAt().plus(LATE_MAX));
  }

  private void assertRotationsAreCompletedOnce() {
    var closed = new HashSet<String>();
    var ends = new HashMap<String, Instant>();
    var completed = new HashSet<String>();
    var dead = new HashSet<String>();
    for (LoggedEvent logged : ledger.log) {
      String key = logged.stream().id();
      switch (logged.event()) {
        case WorkspaceClosed _ -> closed.add(logged.workspace());
        case KeyRevoked _ -> dead.add(key);
        case KeyRotated e -> ends.put(key + " " + e.generation(), e.overlapEndsAt());
        case RotationCompleted e -> {
          String rotation = key + " " + e.generation();
          assertThat(completed.add(rotation)).as("twice: %s", rotation).isTrue();
          assertThat(ends).containsKey(rotation);
        }
        default -> {}
      }
      if (closed.contains(logged.workspace())) {
        dead.add(key);
      }
    }
    ends.forEach((rotation, end) -> {
      String key = rotation.substring(0, rotation.indexOf(' '));
      if (end.plus(LATE_MAX).isBefore(now)
          && !dead.contains(key)
          && !closed.contains(requireNonNull(ledger.key(new KeyId(key))).workspace())) {
        assertThat(completed).contains(rotation);
      }
    });
    assertThat(completed).as("rotations").hasSizeGreaterThan(KEYS / 4);
  }

  /** Returns the number of recorded reminders. */
  private static int assertReminders(List<LoggedEvent> history, Instant closedAt) {
    var windows = new ArrayList<Window>();
    Validity validity = null;
    Plan plan = null;
    Instant since = BEGIN;
    for (LoggedEvent logged : history) {
      boolean changes =
          switch (logged.event()) {
            case KeyEvent.BeginsKey _, KeyRenewed _, KeyRevoked _ -> true;
            case RevocationPlanned _, PlanCancelled _ -> true;
            default -> false;
          };
      if (changes) {
        addWindows(windows, validity, plan, since, earlier(logged.time(), closedAt));
        since = logged.time();
        validity =
            switch (logged.event()) {
              case KeyEvent.BeginsKey e -> new Validity(null, e.expiresAt(), null, e.reminders());
              case KeyRenewed e -> new Validity(null, e.expiresAt(), null, e.reminders());
              case KeyRevoked _ -> null;
              default -> validity;
            };
        plan =
            switch (logged.event()) {
              case RevocationPlanned e -> e.plan();
              case PlanCancelled _ -> null;
              default -> plan;
            };
      }
    }
    addWindows(windows, validity, plan, since, closedAt);

    var times = new HashMap<KeyEvent.RemindsOfExpiry, Instant>();
    for (LoggedEvent logged : history) {
      if (logged.event() instanceof KeyEvent.RemindsOfExpiry reminder) {
        assertThat(times.put(reminder, logged.time())).as("twice: %s", reminder).isNull();
        assertThat(logged.actor()).isEqualTo(Actor.SYSTEM);
        assertThat(windows)
            .as("%s at %s in %s", reminder, logged.time(), history)
            .anyMatch(window ->
                window.reminder.equals(reminder)
                    && window.isDue()
                    && !logged.time().isBefore(reminder.dueAt()));
        assertThat(Duration.between(reminder.dueAt(), logged.time())).isLessThan(LATE_MAX);
      }
    }
    for (Window window : windows) {
      if (window.isDueForLong()) {
        assertThat(times).as("%s in %s", window, history).containsKey(window.reminder);
      }
    }
    return times.size();
  }

  private static void addWindows(
      List<Window> windows,
      @Nullable Validity validity,
      @Nullable Plan revocation,
      Instant since,
      Instant ends) {
    if (validity == null || validity.expiresAt() == null) {
      return;
    }
    if (revocation != null && !revocation.effectiveAt().isAfter(validity.expiresAt())) {
      return;
    }
    var all = new ArrayList<KeyEvent.RemindsOfExpiry>();
    validity
        .reminders()
        .forEach(offset -> all.add(new ExpiryApproaching(offset, validity.expiresAt())));
    all.add(new KeyExpired(validity.expiresAt()));
    for (KeyEvent.RemindsOfExpiry reminder : all) {
      if (reminder.dueAt().isAfter(since)) {
        windows.add(new Window(reminder, ends));
      }
    }
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
