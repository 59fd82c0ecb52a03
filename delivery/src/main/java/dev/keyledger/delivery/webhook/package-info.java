/** Delivery over HTTP: the permitted addresses, the signature, the request. */
@NullMarked
package dev.keyledger.delivery.webhook;

import org.jspecify.annotations.NullMarked;
