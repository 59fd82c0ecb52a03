/** The way of a delivery by mail: the address that it may go to, the text, the SMTP session. */
@NullMarked
package dev.keyledger.delivery.mail;

import org.jspecify.annotations.NullMarked;
