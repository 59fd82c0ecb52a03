package dev.keyledger.standalone.linearizability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.linearizability.KeyModel.Request;
import dev.keyledger.standalone.linearizability.KeyModel.Response;
import dev.keyledger.standalone.linearizability.Linearizability.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The checker finds planted lies, and none where there is none. */
class LinearizabilityTest {
  private static final List<String> HELD = List.of("read:users");
  private static final KeyModel ISSUED = KeyModel.issued(HELD);

  @Test
  void oneAfterTheOtherFits() {
    assertFits(
        op(1, 2, new Request.Suspend(), key("suspended", 1, 2)),
        op(3, 4, new Request.Suspend(), key("suspended", 1, 2)),
        op(5, 6, new Request.Resume(), key("active", 1, 3)),
        op(7, 8, new Request.Resume(), problem("key-not-suspended")),
        op(9, 10, new Request.Rotate(false), key("active", 2, 4)),
        op(11, 12, new Request.Rotate(false), problem("rotation-in-progress")),
        op(13, 14, new Request.Rotate(true), key("active", 3, 6)),
        op(15, 16, new Request.RetireSecret(), key("active", 3, 7)),
        op(17, 18, new Request.RetireSecret(), key("active", 3, 7)),
        op(19, 20, new Request.ChangePermissions(HELD), key("active", 3, 7)),
        op(21, 22, new Request.RenewIf(6), problem("version-mismatch")),
        op(23, 24, new Request.RenewIf(7), key("active", 3, 8)),
        op(25, 26, new Request.Revoke(), key("revoked", 3, 9)),
        op(27, 28, new Request.Revoke(), key("revoked", 3, 9)),
        op(29, 30, new Request.Renew(), problem("key-revoked")));
  }

  @Test
  void concurrentOnesMayTakeEffectInAnyOrder() {
    assertFits(
        op(1, 9, new Request.Renew(), key("suspended", 1, 3)),
        op(2, 8, new Request.Suspend(), key("suspended", 1, 2)),
        op(3, 7, new Request.Resume(), problem("key-not-suspended")),
        op(4, 6, new Request.Read(), key("active", 1, 1)));
  }

  @Test
  void anUnansweredRequestMayHaveHappenedLaterOrNever() {
    assertFits(
        op(1, 0, new Request.Suspend(), null),
        op(2, 3, new Request.Read(), key("active", 1, 1)),
        op(4, 5, new Request.Resume(), key("active", 1, 3)));
    assertFits(
        op(1, 0, new Request.Suspend(), null), op(2, 3, new Request.Renew(), key("active", 1, 2)));
  }

  /** Checks the answer of a node that would decide on outdated state. */
  @Test
  void aStaleRefusalIsFound() {
    assertMisfit(
        2,
        op(1, 2, new Request.Suspend(), key("suspended", 1, 2)),
        op(3, 4, new Request.Renew(), key("suspended", 1, 3)),
        op(5, 6, new Request.Resume(), problem("key-not-suspended")));
  }

  @Test
  void aStaleNothingToDoIsFound() {
    assertMisfit(
        2,
        op(1, 2, new Request.Suspend(), key("suspended", 1, 2)),
        op(3, 4, new Request.Resume(), key("active", 1, 3)),
        op(5, 6, new Request.Suspend(), key("suspended", 1, 2)));
  }

  @Test
  void twoRotationsWithoutAnEndBetweenThemAreFound() {
    assertMisfit(
        1,
        op(1, 2, new Request.Rotate(false), key("active", 2, 2)),
        op(3, 4, new Request.Rotate(false), key("active", 3, 3)));
  }

  @Test
  void lifeAfterTheEndIsFound() {
    assertMisfit(
        1,
        op(1, 2, new Request.Revoke(), key("revoked", 1, 2)),
        op(3, 4, new Request.Renew(), key("active", 1, 3)));
  }

  @Test
  void aLostUpdateIsFound() {
    assertMisfit(
        1,
        op(1, 6, new Request.Renew(), key("active", 1, 2)),
        op(2, 5, new Request.Renew(), key("active", 1, 2)));
  }

  @Test
  void aStaleReadIsFound() {
    assertMisfit(
        1,
        op(1, 2, new Request.Renew(), key("active", 1, 2)),
        op(3, 4, new Request.Read(), key("active", 1, 1)));
  }

  private static Operation op(
      long called, long returned, Request request, @Nullable Response response) {
    return new Operation(called, returned, request, response);
  }

  private static Response key(String life, int generation, long version) {
    return new Response.Key(life, generation, HELD, version);
  }

  private static Response problem(String code) {
    return new Response.Problem(code);
  }

  private static void assertFits(Operation... operations) {
    assertThat(Linearizability.misfit(ISSUED, List.of(operations))).isEmpty();
  }

  /** Requires a violation at that operation, or at one that overlaps it. */
  private static void assertMisfit(int index, Operation... operations) {
    Operation misfit = Linearizability.misfit(ISSUED, List.of(operations)).orElseThrow();
    assertThat(misfit.returnedNanos()).isGreaterThanOrEqualTo(operations[index].returnedNanos());
  }
}
