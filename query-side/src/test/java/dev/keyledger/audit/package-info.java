@NullMarked
package dev.keyledger.audit;

import org.jspecify.annotations.NullMarked;
