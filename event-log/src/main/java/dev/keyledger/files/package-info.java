/** Files that only their owner may use, on each operating system. */
@NullMarked
package dev.keyledger.files;

import org.jspecify.annotations.NullMarked;
