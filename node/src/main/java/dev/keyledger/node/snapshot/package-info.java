/**
 * The snapshots of a node's key index: their directory, the choice of one at the start, and the
 * schedule of new ones.
 *
 * @see dev.keyledger.verification.index.IndexSnapshot
 */
@NullMarked
package dev.keyledger.node.snapshot;

import org.jspecify.annotations.NullMarked;
