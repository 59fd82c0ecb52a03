@NullMarked
package dev.keyledger.supervision;

import org.jspecify.annotations.NullMarked;
