/**
 * The fast listener: verification and nothing else, on a port and an event loop of its own. It
 * shares all from the request to the answer with the main port; only Spring's wiring imports it.
 *
 * @see <a href="../../../../../../../../../docs/architecture.md">the rooms, kept by the test of the
 *     architecture</a>
 */
@NullMarked
package dev.keyledger.checking.http.fast;

import org.jspecify.annotations.NullMarked;
