/** Benchmarks of the decisions of the Java client. */
@NullMarked
package dev.keyledger.benchmarks.client;

import org.jspecify.annotations.NullMarked;
