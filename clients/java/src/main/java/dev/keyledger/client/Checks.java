package dev.keyledger.client;

import static dev.keyledger.client.Transport.Side.CHECKS;
import static dev.keyledger.client.Transport.Side.QUERIES;

import java.time.Instant;
import java.util.List;

/** Checks of keys. Thread-safe. */
public final class Checks {
  private final Call.Maker calls;
  private final Local local;

  Checks(Call.Maker calls, Local local) {
    this.calls = calls;
    this.local = local;
  }

  /**
   * Returns whether a key that a client presented is valid, live, and holds all of some
   * permissions.
   *
   * @throws KeyledgerException.Unavailable if no decision can be made: refuse the client, with a
   *     503
   */
  public boolean permits(String key, String... permissions) {
    return verify(Check.of(key).allOf(permissions)).valid();
  }

  /**
   * Returns the decision on one key.
   *
   * @throws KeyledgerException.Unavailable if no decision can be made
   */
  public Decision verify(Check check) {
    return local.verify(check, calls);
  }

  /** Returns the results of checks, 1 to 100, in order; always from the service. */
  public List<CheckResult> verifyAll(List<Check> checks) {
    return calls
        .ask(CHECKS, "verify", "batch")
        .with("checks", checks)
        .send(fields -> fields.objects("results", Checks::result));
  }

  /** Returns the decision as it would have been at a time. */
  public Decision verifyAt(Check check, Instant time) {
    return past(check).with("time", time).send(Decision::of);
  }

  /** Returns the decision as it would have been after the event at a position. */
  public Decision verifyAt(Check check, long position) {
    return past(check).with("position", position).send(Decision::of);
  }

  private Call past(Check check) {
    return calls.ask(QUERIES, "verify", "at").with(check.fields());
  }

  private static CheckResult result(Fields fields) {
    Problem problem = fields.object("problem", Problem::of);
    return problem == null ? Decision.of(fields) : problem;
  }

  /** Decides checks in the client, or asks the service. */
  interface Local {
    /** Asks the service each time. */
    Local NONE =
        (check, calls) -> calls.ask(CHECKS, "verify").with(check.fields()).send(Decision::of);

    Decision verify(Check check, Call.Maker calls);
  }
}
