/** The promises of docs/operations.md to operators of Keyledger. */
@NullMarked
package dev.keyledger.standalone.operations;

import org.jspecify.annotations.NullMarked;
