/**
 * The contract between the sides: the events of the ledger, their wire names and versions, and the
 * pure fold from events to the view of a key. This module has no access to secrets: events hold
 * only digests.
 *
 * <p>Any module may use it. It depends only on the JDK.
 */
@NullMarked
package dev.keyledger.events;

import org.jspecify.annotations.NullMarked;
