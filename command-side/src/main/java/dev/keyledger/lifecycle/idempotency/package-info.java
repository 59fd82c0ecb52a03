/**
 * Repeated requests: the data from which an answer is rebuilt, sealed so that only its caller can
 * open it. Knows neither HTTP nor the life of keys.
 */
@NullMarked
package dev.keyledger.lifecycle.idempotency;

import org.jspecify.annotations.NullMarked;
