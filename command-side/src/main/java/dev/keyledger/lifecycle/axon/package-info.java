/** The adapter between Axon and the decider; only the wiring imports it. */
@NullMarked
package dev.keyledger.lifecycle.axon;

import org.jspecify.annotations.NullMarked;
