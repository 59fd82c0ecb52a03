/** The questions about keys and their history that the log itself answers, over HTTP. */
@NullMarked
package dev.keyledger.audit.http;

import org.jspecify.annotations.NullMarked;
