package dev.keyledger.log.receipts;

import java.time.Duration;
import java.util.List;

/**
 * The distances of the nodes to the end of the log, by their last reports.
 *
 * @param head the position of the end of the log
 * @param nodes in the order of their names; also those whose lease has ended, until their row is
 *     deleted ({@link NodeLease#DELETED_AFTER})
 */
public record NodeLags(long head, List<NodeLag> nodes) {
  public NodeLags {
    nodes = List.copyOf(nodes);
  }

  /**
   * The lag of a node.
   *
   * @param events the number of events that it has not reported as applied
   * @param age the time since the first of them was appended, in whole seconds; zero if there is
   *     none
   */
  public record NodeLag(Receipt.Node node, long events, Duration age) {}
}
