/**
 * What is delivered to whom and when: a reader of the log writes deliveries, and a dispatcher has
 * them sent. Only this package writes the tables of schema {@code delivery}.
 *
 * <p>The command side runs it. It depends on neither Axon nor Spring.
 */
@NullMarked
package dev.keyledger.delivery;

import org.jspecify.annotations.NullMarked;
