/** Delivery by mail: the permitted addresses, the text, the SMTP session. */
@NullMarked
package dev.keyledger.delivery.mail;

import org.jspecify.annotations.NullMarked;
