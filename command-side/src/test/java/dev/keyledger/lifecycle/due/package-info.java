@NullMarked
package dev.keyledger.lifecycle.due;

import org.jspecify.annotations.NullMarked;
