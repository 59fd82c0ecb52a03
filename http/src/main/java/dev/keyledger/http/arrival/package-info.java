/**
 * The arrival of requests: slow bodies, the limits on their memory, and the limits on their time. A
 * request is dispatched when its body is complete.
 *
 * @see "BodyFilterTest"
 */
@NullMarked
package dev.keyledger.http.arrival;

import org.jspecify.annotations.NullMarked;
