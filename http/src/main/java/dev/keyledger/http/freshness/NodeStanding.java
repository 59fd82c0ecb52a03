package dev.keyledger.http.freshness;

import dev.keyledger.log.receipts.Receipt;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node with a lease and its applied position, as answers show them. Times are PostgreSQL's.
 *
 * @param node the name of the node
 * @param instance the id of this run of the node
 * @param applied whether the node has applied the position in question
 * @param appliedAt a time by which it had applied it; null if it has not
 * @param position the last position that it has reported as applied
 * @param strict whether it answers no check without a lease
 * @param leaseUntil the end of its lease unless it renews it
 */
public record NodeStanding(
    String node,
    String instance,
    boolean applied,
    @Nullable Instant appliedAt,
    long position,
    boolean strict,
    Instant leaseUntil) {

  /** Returns the standing of nodes with regard to a position. */
  public static List<NodeStanding> all(List<Receipt.Node> nodes, long position) {
    return nodes.stream().map(node -> of(node, position)).toList();
  }

  private static NodeStanding of(Receipt.Node node, long position) {
    boolean applied = node.position() >= position;
    return new NodeStanding(
        node.name(),
        node.instance().toString(),
        applied,
        applied ? node.appliedAt() : null,
        node.position(),
        node.strict(),
        node.leaseUntil());
  }

  /** Returns the kind of a receipt: {@code proof} or {@code report}. */
  public static String kindOf(Receipt receipt) {
    return receipt.proof() ? "proof" : "report";
  }
}
