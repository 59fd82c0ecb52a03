/**
 * The contract between the sides: the events that make up the ledger, their wire names and
 * versions, and the pure fold from events to the view of a key. Nothing here knows a secret: events
 * hold digests only.
 *
 * <p>Everybody may use it; it uses the JDK alone.
 */
@NullMarked
package dev.keyledger.events;

import org.jspecify.annotations.NullMarked;
