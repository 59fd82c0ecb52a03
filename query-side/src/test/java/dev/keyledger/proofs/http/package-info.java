@NullMarked
package dev.keyledger.proofs.http;

import org.jspecify.annotations.NullMarked;
