@NullMarked
package dev.keyledger.log.axon;

import org.jspecify.annotations.NullMarked;
