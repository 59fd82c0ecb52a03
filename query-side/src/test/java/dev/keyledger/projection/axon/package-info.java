@NullMarked
package dev.keyledger.projection.axon;

import org.jspecify.annotations.NullMarked;
