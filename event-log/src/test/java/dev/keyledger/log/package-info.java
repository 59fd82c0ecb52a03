@NullMarked
package dev.keyledger.log;

import org.jspecify.annotations.NullMarked;
