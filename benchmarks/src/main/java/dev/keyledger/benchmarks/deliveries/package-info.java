/** Benchmarks of the deliveries of a node. */
@NullMarked
package dev.keyledger.benchmarks.deliveries;

import org.jspecify.annotations.NullMarked;
