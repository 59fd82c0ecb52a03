/** What docs/operations.md promises to whoever runs Keyledger. */
@NullMarked
package dev.keyledger.standalone.operations;

import org.jspecify.annotations.NullMarked;
