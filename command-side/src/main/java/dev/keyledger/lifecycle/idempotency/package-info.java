/**
 * The same request, sent again: what its answer is rebuilt from, sealed so that its caller alone
 * can open it. Knows neither HTTP nor the keys' life.
 */
@NullMarked
package dev.keyledger.lifecycle.idempotency;

import org.jspecify.annotations.NullMarked;
