@NullMarked
package dev.keyledger.query;

import org.jspecify.annotations.NullMarked;
