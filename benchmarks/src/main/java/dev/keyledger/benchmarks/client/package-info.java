/** What the decisions of the Java client cost. */
@NullMarked
package dev.keyledger.benchmarks.client;

import org.jspecify.annotations.NullMarked;
