/** The proofs of the log over HTTP, and the checkpoints that leave the database. */
@NullMarked
package dev.keyledger.proofs.http;

import org.jspecify.annotations.NullMarked;
