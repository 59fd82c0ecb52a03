/**
 * The command {@code verify-log}: proves that an export or a database holds exactly the events that
 * a checkpoint covers. It shares no code with what writes the log, the tree and the exports;
 * docs/verify-log specifies what both follow.
 *
 * @see dev.keyledger.standalone.ArchitectureTest
 */
@NullMarked
package dev.keyledger.verifylog;

import org.jspecify.annotations.NullMarked;
