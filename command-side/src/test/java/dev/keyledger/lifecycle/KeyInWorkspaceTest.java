package dev.keyledger.lifecycle;

import static dev.keyledger.lifecycle.KeyDeciderTest.FIRST;
import static dev.keyledger.lifecycle.KeyDeciderTest.KEY;
import static dev.keyledger.lifecycle.KeyDeciderTest.NOW;
import static dev.keyledger.lifecycle.KeyDeciderTest.issued;
import static dev.keyledger.lifecycle.KeyDeciderTest.wanted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Ceiling;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.KeyCommand.ImportKey;
import dev.keyledger.lifecycle.KeyCommand.IssueKey;
import dev.keyledger.lifecycle.KeyCommand.ResumeKey;
import dev.keyledger.lifecycle.KeyCommand.RevokeKey;
import dev.keyledger.lifecycle.KeyCommand.SuspendKey;
import dev.keyledger.lifecycle.Outcome.Reason;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The effect of a workspace on its keys: a closed one accepts no change, and a full one no key. */
@NullUnmarked
class KeyInWorkspaceTest {
  private static final long MAX = WorkspacePolicy.DEFAULT.maxKeys();
  private static final KeyState NONE = new KeyState.NotIssued();

  @Test
  void aWorkspaceTakesKeysUntilItIsFull() {
    assertThat(decide(issue(open(MAX - 1)))).isInstanceOf(Outcome.Accepted.class);
    refused(decide(issue(open(MAX))), Reason.QUOTA_EXCEEDED);
    refused(decide(issue(open(MAX + 1))), Reason.QUOTA_EXCEEDED);
  }

  @Test
  void keysThatAreTakenInTogetherCountEachOther() {
    var wanted = wanted(new RequestedExpiry.ByPolicy());
    var one = new ImportKey(KEY, open(MAX - 2), wanted, FIRST, ImportKey.Past.NONE);

    assertThat(decide(one.after(1))).isInstanceOf(Outcome.Accepted.class);
    refused(decide(one.after(2)), Reason.QUOTA_EXCEEDED);
  }

  @Test
  void nothingButRevocationsHappensInAClosedWorkspace() {
    KeyState active = NONE.evolve(issued());

    refused(decide(issue(closed(null))), Reason.WORKSPACE_CLOSED);
    refused(KeyDecider.decide(active, new SuspendKey(KEY, closed(null))), Reason.WORKSPACE_CLOSED);
    refused(KeyDecider.decide(active, new ResumeKey(KEY, closed(null))), Reason.WORKSPACE_CLOSED);
    var revoke = new RevokeKey(KEY, closed(null), RevocationReason.LEAKED);
    var revoked = new KeyRevoked(RevocationReason.LEAKED);
    assertThat(KeyDecider.decide(active, revoke)).isEqualTo(Outcome.Accepted.of(revoked));
    assertThat(KeyDecider.decide(active.evolve(revoked), revoke)).isEqualTo(Outcome.Accepted.of());
  }

  @Test
  void checksBeforeTheStateAlsoApplyInAClosedOne() {
    refused(decide(new SuspendKey(KEY, closed(null))), Reason.NOT_FOUND);
    refused(
        KeyDecider.decide(NONE.evolve(issued()), new SuspendKey(KEY, closed(Set.of(7L)))),
        Reason.VERSION_MISMATCH);
  }

  private static Outcome decide(KeyCommand command) {
    return KeyDecider.decide(NONE, command);
  }

  private static IssueKey issue(CommandContext context) {
    return new IssueKey(KEY, context, wanted(new RequestedExpiry.ByPolicy()), FIRST);
  }

  private static CommandContext open(long keys) {
    return new CommandContext(
        "default", null, NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE, false, keys, 0);
  }

  private static CommandContext closed(Set<Long> expectedVersions) {
    return new CommandContext(
        "default", expectedVersions, NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE, true, 0, 0);
  }

  private static void refused(Outcome outcome, Reason reason) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Rejected.class, rejected -> assertThat(rejected.reason()).isEqualTo(reason));
  }
}
