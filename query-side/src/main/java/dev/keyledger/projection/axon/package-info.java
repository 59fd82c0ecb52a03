/**
 * Axon's tracking processors as what moves the projections: where they read from, where they keep
 * how far they are, and in which transaction. Nothing else imports it but the wiring.
 */
@NullMarked
package dev.keyledger.projection.axon;

import org.jspecify.annotations.NullMarked;
