@NullMarked
package dev.keyledger.cli;

import org.jspecify.annotations.NullMarked;
