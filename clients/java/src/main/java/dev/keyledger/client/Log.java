package dev.keyledger.client;

import java.util.List;

/**
 * The log of the service: the progress of its nodes, and the proofs of its history. Thread-safe.
 */
public final class Log {
  private final Call.Maker calls;

  Log(Call.Maker calls) {
    this.calls = calls;
  }

  /**
   * The nodes that have applied a position.
   *
   * @param everywhere whether all nodes with a lease have applied it
   * @param proven whether that is certain, because all nodes are strict; otherwise it rests on
   *     their reports
   */
  public record Applied(long position, boolean everywhere, boolean proven, List<Node> nodes) {
    static Applied of(Fields fields) {
      return new Applied(
          fields.number("position"),
          fields.flag("appliedEverywhere"),
          fields.text("receipt").equals("proof"),
          fields.objects("nodes", Node::of));
    }
  }

  /**
   * Returns the nodes that have applied a position.
   *
   * @param positionToken of a command, see {@link Keyledger#position}
   */
  public Applied applied(String positionToken) {
    return calls.get("positions", positionToken, "applied").send(Applied::of);
  }

  /** Returns all nodes with a lease. */
  public List<Node> nodes() {
    return calls.get("nodes").send(fields -> fields.objects("nodes", Node::of));
  }

  /** Returns the latest checkpoint, a signed note of C2SP. */
  public String checkpoint() {
    return calls
        .get("log", "checkpoint")
        .accepting("text/plain, application/problem+json")
        .send()
        .body();
  }
}
