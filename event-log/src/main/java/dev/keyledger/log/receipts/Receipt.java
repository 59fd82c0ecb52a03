package dev.keyledger.log.receipts;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Which nodes have applied a position, of those that held a lease when it was looked.
 *
 * @param position what was asked about
 * @param nodes in the order of their names
 * @param proof whether "applied everywhere" would prove it: there is a node, and every one that may
 *     still be answering checks is strict
 */
public record Receipt(long position, List<Node> nodes, boolean proof) {
  public Receipt {
    nodes = List.copyOf(nodes);
  }

  /** Whether all of them have; also if there is none. */
  public boolean appliedEverywhere() {
    return nodes.stream().allMatch(node -> node.position() >= position);
  }

  /** Those that have not. */
  public List<Node> missing() {
    return nodes.stream().filter(node -> node.position() < position).toList();
  }

  /**
   * A node with a lease. Times are PostgreSQL's.
   *
   * @param name what people call it
   * @param instance what tells it from all others; a new one after each start
   * @param strict whether it answers no check without a lease
   * @param position up to where it has reported to have applied the log
   * @param appliedAt when it first reported that: it was applied by then
   * @param leaseUntil when its lease ends unless it is renewed
   */
  public record Node(
      String name,
      UUID instance,
      boolean strict,
      long position,
      Instant appliedAt,
      Instant leaseUntil) {}
}
