/**
 * Where a node keeps snapshots of its key index, which of them it starts from, and when it writes
 * another one.
 *
 * @see dev.keyledger.verification.index.IndexSnapshot
 */
@NullMarked
package dev.keyledger.node.snapshot;

import org.jspecify.annotations.NullMarked;
