/**
 * The arrival of requests: bodies that take time, how much of them a node holds, and how long it
 * waits. A request goes on when its body is whole.
 *
 * @see "BodyFilterTest"
 */
@NullMarked
package dev.keyledger.http.arrival;

import org.jspecify.annotations.NullMarked;
