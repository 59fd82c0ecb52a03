/** How many deliveries a node makes. */
@NullMarked
package dev.keyledger.benchmarks.deliveries;

import org.jspecify.annotations.NullMarked;
