package dev.keyledger.log.receipts;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The nodes that have applied a position, among those that held a lease at the time of the query.
 *
 * @param position the position in question
 * @param nodes in the order of their names
 * @param proof whether "applied everywhere" would prove it: there is at least one node, and every
 *     one that may still answer checks is strict
 */
public record Receipt(long position, List<Node> nodes, boolean proof) {
  public Receipt {
    nodes = List.copyOf(nodes);
  }

  /** Returns whether all nodes have applied the position; also true if there are none. */
  public boolean appliedEverywhere() {
    return nodes.stream().allMatch(node -> node.position() >= position);
  }

  /** Returns the nodes that have not applied the position. */
  public List<Node> missing() {
    return nodes.stream().filter(node -> node.position() < position).toList();
  }

  /**
   * A node with a lease. Times are PostgreSQL's.
   *
   * @param name the operator's name for it
   * @param instance its id, new after each start
   * @param strict whether it answers no check without a lease
   * @param position the position that it reported as applied
   * @param appliedAt the time at which it first reported that position; it was applied by then
   * @param leaseUntil the end of its lease unless it is renewed
   */
  public record Node(
      String name,
      UUID instance,
      boolean strict,
      long position,
      Instant appliedAt,
      Instant leaseUntil) {}
}
