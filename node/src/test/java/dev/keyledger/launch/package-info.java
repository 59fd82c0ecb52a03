@NullMarked
package dev.keyledger.launch;

import org.jspecify.annotations.NullMarked;
