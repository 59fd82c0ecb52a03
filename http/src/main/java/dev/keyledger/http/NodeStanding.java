package dev.keyledger.http;

import dev.keyledger.log.receipts.Receipt;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a node with a lease is, as answers show it. Times are PostgreSQL's.
 *
 * @param node what people call it
 * @param instance what tells this run of it from all others
 * @param applied whether it has applied the position in question
 * @param appliedAt by when it had; null if it has not
 * @param position up to where it has reported to have applied the log
 * @param strict whether it answers no check without a lease
 * @param leaseUntil when its lease ends unless it is renewed
 */
public record NodeStanding(
    String node,
    String instance,
    boolean applied,
    @Nullable Instant appliedAt,
    long position,
    boolean strict,
    Instant leaseUntil) {

  /** Those nodes, with regard to that position. */
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

  /** What a receipt that says "everywhere" is worth: {@code proof} or {@code report}. */
  public static String kindOf(Receipt receipt) {
    return receipt.proof() ? "proof" : "report";
  }
}
