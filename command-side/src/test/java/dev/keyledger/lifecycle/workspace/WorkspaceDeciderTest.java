package dev.keyledger.lifecycle.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ContextErased;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.ChangePolicy;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.CloseWorkspace;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.EraseContexts;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.OpenWorkspace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The rules of a workspace's life, and the limits of its policy. */
@NullUnmarked
class WorkspaceDeciderTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final WorkspaceEvent OPENED = new WorkspaceOpened(WorkspacePolicy.DEFAULT);

  @Test
  void aWorkspaceIsOpenedOnceForEver() {
    var open = new OpenWorkspace("acme", maxKeys(5));

    happens(WorkspaceDecider.decide(null, open), new WorkspaceOpened(policy(5)));
    refused(WorkspaceDecider.decide(acme(OPENED), open), Reason.WORKSPACE_EXISTS);
    refused(
        WorkspaceDecider.decide(acme(OPENED, new WorkspaceClosed()), open),
        Reason.WORKSPACE_EXISTS);
    refused(
        WorkspaceDecider.decide(
            WorkspaceView.atFirst("default"), new OpenWorkspace("default", PolicyChange.NONE)),
        Reason.WORKSPACE_EXISTS);
  }

  @Test
  void aNameHasTwoToSixtyThreeCharacters() {
    for (String good : List.of("ab", "a-", "a1", "a" + "b".repeat(62))) {
      assertThat(new OpenWorkspace(good, PolicyChange.NONE).workspace()).isEqualTo(good);
    }
    for (String bad :
        List.of("", "a", "1a", "-a", "A1", "a_b", "a.b", "a" + "b".repeat(63), "ä1")) {
      assertThatIllegalArgumentException()
          .as(bad)
          .isThrownBy(() -> new OpenWorkspace(bad, PolicyChange.NONE));
    }
  }

  @Test
  void onlyTheFieldsThatAreGivenChange() {
    var change = new ChangePolicy("acme", null, maxKeys(7));

    happens(WorkspaceDecider.decide(acme(OPENED), change), new PolicyChanged(policy(7)));
    happens(
        WorkspaceDecider.decide(WorkspaceView.atFirst("default"), change),
        new PolicyChanged(policy(7)));
    already(WorkspaceDecider.decide(acme(OPENED, new PolicyChanged(policy(7))), change));
    already(
        WorkspaceDecider.decide(acme(OPENED), new ChangePolicy("acme", null, PolicyChange.NONE)));
    refused(WorkspaceDecider.decide(null, change), Reason.NOT_FOUND);
    refused(
        WorkspaceDecider.decide(acme(OPENED, new WorkspaceClosed()), change),
        Reason.WORKSPACE_CLOSED);
  }

  @Test
  void theDefaultLifetimeIsNeverLongerThanTheLongest() {
    var both =
        new PolicyChange(DAY, DAY, null, null, null, null, null, null, null, null, null, Set.of());
    var longest =
        new PolicyChange(null, DAY, null, null, null, null, null, null, null, null, null, Set.of());

    assertThat(WorkspaceDecider.decide(null, new OpenWorkspace("acme", both)))
        .isInstanceOf(Outcome.Accepted.class);
    refused(
        WorkspaceDecider.decide(null, new OpenWorkspace("acme", longest)), Reason.INVALID_FIELD);
    refused(
        WorkspaceDecider.decide(acme(OPENED), new ChangePolicy("acme", null, longest)),
        Reason.INVALID_FIELD);
  }

  @Test
  void aClosedWorkspaceStaysClosed() {
    var close = new CloseWorkspace("acme", null);

    happens(WorkspaceDecider.decide(acme(OPENED), close), new WorkspaceClosed());
    already(WorkspaceDecider.decide(acme(OPENED, new WorkspaceClosed()), close));
    refused(WorkspaceDecider.decide(null, close), Reason.NOT_FOUND);
  }

  @Test
  void anErasureIsRecordedIfThereIsAnythingToErase() {
    KeyId key = KeyId.of(0, 0, 1);
    var byRoot = new EraseContexts("acme", Actor.ROOT, null, List.of(3L, 7L), 9);
    var onKey = new EraseContexts("acme", null, key, List.of(3L), 9);
    var ofNothing = new EraseContexts("acme", null, key, List.of(), 9);

    happens(WorkspaceDecider.decide(acme(OPENED), byRoot), new ContextErased(Actor.ROOT, null, 2));
    happens(WorkspaceDecider.decide(acme(OPENED), onKey), new ContextErased(null, key.value(), 1));
    already(WorkspaceDecider.decide(acme(OPENED), ofNothing));
    refused(WorkspaceDecider.decide(null, byRoot), Reason.NOT_FOUND);
    assertThat(byRoot.workspacesKnown()).isEqualTo(9);
  }

  @Test
  void contextsAreErasedInAClosedWorkspaceToo() {
    WorkspaceEvent erased = new ContextErased(Actor.ROOT, null, 1);
    var erase = new EraseContexts("acme", Actor.ROOT, null, List.of(3L), 9);
    WorkspaceView closed = acme(OPENED, new WorkspaceClosed());

    happens(WorkspaceDecider.decide(closed, erase), erased);
    WorkspaceView after = acme(OPENED, new WorkspaceClosed(), erased);
    assertThat(after.version()).isEqualTo(3);
    assertThat(after.closedAt()).isEqualTo(closed.closedAt());
  }

  @Test
  void erasuresEndAtTwentyThousandEvents() {
    var erase = new EraseContexts("acme", Actor.ROOT, null, List.of(3L), 9);
    var ofNothing = new EraseContexts("acme", Actor.ROOT, null, List.of(), 9);

    happens(
        WorkspaceDecider.decide(ofVersion(19_999), erase), new ContextErased(Actor.ROOT, null, 1));
    refused(WorkspaceDecider.decide(ofVersion(20_000), erase), Reason.HISTORY_FULL);
    already(WorkspaceDecider.decide(ofVersion(20_000), ofNothing));
  }

  private static WorkspaceView ofVersion(long version) {
    return new WorkspaceView(
        "acme", WorkspacePolicy.DEFAULT, Instant.EPOCH, null, Map.of(), version, version);
  }

  @Test
  void theOneThatExistsFromTheStartIsNeverClosed() {
    refused(
        WorkspaceDecider.decide(
            WorkspaceView.atFirst("default"), new CloseWorkspace("default", null)),
        Reason.INVALID_FIELD);
  }

  @Test
  void anotherVersionHasPrecedenceOverAllElse() {
    WorkspaceView closed = acme(OPENED, new WorkspaceClosed());

    assertThat(closed.version()).isEqualTo(2);
    refused(
        WorkspaceDecider.decide(closed, new ChangePolicy("acme", Set.of(1L), maxKeys(1))),
        Reason.VERSION_MISMATCH);
    refused(
        WorkspaceDecider.decide(closed, new CloseWorkspace("acme", Set.of())),
        Reason.VERSION_MISMATCH);
    already(WorkspaceDecider.decide(closed, new CloseWorkspace("acme", Set.of(1L, 2L))));
  }

  @Test
  void durationsHaveLimits() {
    limits(PolicyLimits::lifetime, Duration.ofSeconds(1), Duration.ofDays(3650));
    limits(PolicyLimits::renewalWindow, Duration.ZERO, Duration.ofDays(3650));
    limits(PolicyLimits::overlap, Duration.ZERO, Duration.ofDays(366));
  }

  private static void limits(UnaryOperator<Duration> check, Duration min, Duration max) {
    assertThat(check.apply(min)).isEqualTo(min);
    assertThat(check.apply(max)).isEqualTo(max);
    assertThat(check.apply(min.plusNanos(1))).isEqualTo(min.plusNanos(1));
    for (Duration bad : List.of(min.minusNanos(1), max.plusNanos(1))) {
      assertThatIllegalArgumentException().as("" + bad).isThrownBy(() -> check.apply(bad));
    }
  }

  @Test
  void remindersAreFewAndInOrder() {
    List<Duration> ten = IntStream.range(0, 10).mapToObj(i -> Duration.ofDays(10 - i)).toList();
    assertThat(PolicyLimits.reminders(ten)).isEqualTo(ten);
    assertThat(PolicyLimits.reminders(List.of())).isEmpty();
    var eleven = new ArrayList<>(ten);
    eleven.add(Duration.ofHours(1));
    for (List<Duration> bad :
        List.of(eleven, ten.reversed(), List.of(DAY, DAY), List.of(Duration.ZERO))) {
      assertThatIllegalArgumentException().isThrownBy(() -> PolicyLimits.reminders(bad));
    }
  }

  @Test
  void allowedPermissionsAreAHundredPatternsAtMost() {
    List<String> hundred = IntStream.range(0, 100).mapToObj(i -> "read:r" + i).toList();
    assertThat(PolicyLimits.allowedPermissions(hundred)).isEqualTo(hundred);
    assertThat(PolicyLimits.allowedPermissions(List.of())).isEmpty();
    assertThat(PolicyLimits.allowedPermissions(List.of("a:b", "a:b"))).containsExactly("a:b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PolicyLimits.allowedPermissions(Collections.nCopies(101, "read:users")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PolicyLimits.allowedPermissions(List.of("read users")));
  }

  @Test
  void maxKeysIsZeroToABillion() {
    assertThat(PolicyLimits.maxKeys(0)).isZero();
    assertThat(PolicyLimits.maxKeys(PolicyLimits.KEYS_MAX)).isEqualTo(1_000_000_000);
    assertThatIllegalArgumentException().isThrownBy(() -> PolicyLimits.maxKeys(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> PolicyLimits.maxKeys(1_000_000_001));
  }

  private static WorkspaceView acme(WorkspaceEvent... events) {
    WorkspaceView view = null;
    for (int i = 0; i < events.length; i++) {
      view =
          WorkspaceView.after(
              view,
              new LoggedEvent(
                  i + 1,
                  StreamId.ofWorkspace("acme"),
                  i,
                  "acme",
                  Instant.EPOCH,
                  Actor.ROOT,
                  "req",
                  events[i],
                  EventContext.NONE));
    }
    return view;
  }

  private static PolicyChange maxKeys(long keys) {
    return new PolicyChange(
        null, null, null, null, null, null, null, keys, null, null, null, Set.of());
  }

  private static WorkspacePolicy policy(long keys) {
    return maxKeys(keys).appliedTo(WorkspacePolicy.DEFAULT);
  }

  private static void happens(Outcome outcome, WorkspaceEvent event) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Accepted.class,
            accepted -> assertThat(accepted.events()).isEqualTo(List.of(event)));
  }

  private static void already(Outcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Accepted.class, accepted -> assertThat(accepted.events()).isEmpty());
  }

  private static void refused(Outcome outcome, Reason reason) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Rejected.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
  }
}
