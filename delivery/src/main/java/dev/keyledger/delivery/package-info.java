/**
 * Deliveries of events: a reader of the log writes them, and a dispatcher has them sent. Only this
 * package writes the tables of schema {@code delivery}.
 *
 * <p>The command side runs it. It depends on neither Axon nor Spring.
 */
@NullMarked
package dev.keyledger.delivery;

import org.jspecify.annotations.NullMarked;
