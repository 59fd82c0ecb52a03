/**
 * The freshness of answers: the only package that waits until a position or a time of the log is
 * visible to a request, and that limits the staleness of a node's data. {@code ArchitectureTest}
 * enforces this.
 */
@NullMarked
package dev.keyledger.http.freshness;

import org.jspecify.annotations.NullMarked;
