@NullMarked
package dev.keyledger.projection;

import org.jspecify.annotations.NullMarked;
