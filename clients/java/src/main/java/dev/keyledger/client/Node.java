package dev.keyledger.client;

import java.time.Instant;

/**
 * A node with a lease.
 *
 * @param instance identifies this run of the node
 * @param position the position that it has reported as applied
 * @param strict whether it refuses checks while it has no lease
 */
public record Node(
    String node, String instance, long position, boolean strict, Instant leaseUntil) {
  static Node of(Fields fields) {
    return new Node(
        fields.text("node"),
        fields.text("instance"),
        fields.number("position"),
        fields.flag("strict"),
        fields.time("leaseUntil"));
  }
}
