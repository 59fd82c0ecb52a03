/** The audit, and the queries about keys that the log itself answers, over HTTP. */
@NullMarked
package dev.keyledger.audit.http;

import org.jspecify.annotations.NullMarked;
