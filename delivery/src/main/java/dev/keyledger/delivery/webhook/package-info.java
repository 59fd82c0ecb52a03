/** The way of a delivery over HTTP: the address that it may go to, the signature, the request. */
@NullMarked
package dev.keyledger.delivery.webhook;

import org.jspecify.annotations.NullMarked;
