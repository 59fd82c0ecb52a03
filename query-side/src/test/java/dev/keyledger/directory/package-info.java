@NullMarked
package dev.keyledger.directory;

import org.jspecify.annotations.NullMarked;
