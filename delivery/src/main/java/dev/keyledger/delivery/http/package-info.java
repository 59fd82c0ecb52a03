/** The settings and the wiring of the delivery. */
@NullMarked
package dev.keyledger.delivery.http;

import org.jspecify.annotations.NullMarked;
