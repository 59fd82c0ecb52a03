@NullMarked
package dev.keyledger.log.proofs;

import org.jspecify.annotations.NullMarked;
